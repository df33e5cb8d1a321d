namespace CrossLayer.Host.Commands;

/// <summary>What a file of request records holds.</summary>
internal enum RecordFormat
{
    /// <summary>Request records as this program writes them.</summary>
    Json,

    /// <summary>An access log of nginx.</summary>
    Nginx,

    /// <summary>A log of HAProxy.</summary>
    Haproxy,

    /// <summary>An access log of Apache's httpd.</summary>
    Apache,

    /// <summary>An access log of Envoy.</summary>
    Envoy,
}
