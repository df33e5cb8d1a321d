namespace CrossLayer.Host.Lab;

/// <summary>The hosts of a lab.</summary>
internal enum LabHost
{
    /// <summary>Where requests come from.</summary>
    Client,

    /// <summary>What lies between the two.</summary>
    Router,

    /// <summary>Where requests are answered.</summary>
    Server,
}
