namespace CrossLayer.Host.Lab;

/// <summary>How it is known which requests a fault met.</summary>
internal enum TouchRule
{
    /// <summary>None does.</summary>
    Nothing,

    /// <summary>Those of whose bytes, or handshake, the injector counted a packet.</summary>
    Packets,

    /// <summary>Those for which a connection was begun while it was in force.</summary>
    NewConnections,

    /// <summary>Those for which no connection could be begun while it was in force.</summary>
    NoPort,

    /// <summary>Those that were under way while it was in force.</summary>
    UnderWay,

    /// <summary>Those that the server says it met with another behaviour.</summary>
    Server,

    /// <summary>Those that the client says it met with another behaviour.</summary>
    Client,
}
