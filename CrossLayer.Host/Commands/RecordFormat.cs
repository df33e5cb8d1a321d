namespace CrossLayer.Host.Commands;

/// <summary>What a file of request records holds.</summary>
internal enum RecordFormat
{
    /// <summary>Request records as this program writes them.</summary>
    Json,

    /// <summary>An access log of nginx.</summary>
    Nginx,
}
