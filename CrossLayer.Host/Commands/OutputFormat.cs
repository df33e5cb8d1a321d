namespace CrossLayer.Host.Commands;

/// <summary>How a command that lists prints its list.</summary>
internal enum OutputFormat
{
    /// <summary>Columns for a person.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON value a line.</summary>
    Jsonl,
}
