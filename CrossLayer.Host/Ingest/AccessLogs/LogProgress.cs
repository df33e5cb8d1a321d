namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>What reading on in a file gave.</summary>
internal enum LogProgress
{
    /// <summary>Nothing more for now.</summary>
    AtEnd,

    /// <summary>Bytes.</summary>
    Read,

    /// <summary>The file was emptied: reading begins again at its start.</summary>
    Replaced,
}
