namespace CrossLayer.Host.Lab;

/// <summary>What kind of trouble a scenario is.</summary>
internal enum ScenarioFamily
{
    /// <summary>None.</summary>
    Normal,

    /// <summary>More is offered than the path, or the receiver, takes.</summary>
    Congestion,

    /// <summary>A connection is not established, or late.</summary>
    ConnectionTimeouts,

    /// <summary>An exchange fails or takes long, and one of the layers has nothing to say of it.</summary>
    SilentFailures,

    /// <summary>Segments are lost, and sent again.</summary>
    Retransmissions,
}
