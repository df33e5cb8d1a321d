namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>What was taken of a file.</summary>
internal enum LogLine
{
    /// <summary>Nothing: what was read holds no whole line.</summary>
    None,

    /// <summary>A line.</summary>
    Whole,

    /// <summary>A line that is too long, or its beginning.</summary>
    TooLong,

    /// <summary>The end of a line whose beginning was too long.</summary>
    EndOfTooLong,
}
