namespace CrossLayer.Actors.Correlations;

/// <summary>Why a request is discrepant. Written in snake case everywhere outside the code.</summary>
public enum Cause
{
    /// <summary>Segments were lost on the path and sent again.</summary>
    PathLoss,

    /// <summary>The path carried less than was offered.</summary>
    Congestion,

    /// <summary>SYNs went unanswered.</summary>
    ConnectBlackhole,

    /// <summary>SYN-ACKs were lost.</summary>
    SynackLoss,

    /// <summary>The server's accept queue was full.</summary>
    AcceptQueueOverflow,

    /// <summary>Nobody listened at the port.</summary>
    NoListener,

    /// <summary>A reset that the peer did not send.</summary>
    InjectedReset,

    /// <summary>The server reset the connection.</summary>
    ServerAbort,

    /// <summary>The application reported success; the response was never acknowledged.</summary>
    SilentResponseLoss,

    /// <summary>An idle connection was dropped on the way.</summary>
    IdleConnectionDrop,

    /// <summary>Large segments vanish, small ones pass.</summary>
    MtuBlackhole,

    /// <summary>The receiver did not take the bytes.</summary>
    SlowReader,

    /// <summary>The request arrived and was not read.</summary>
    ProcessStall,

    /// <summary>The application took long between request and response.</summary>
    SlowHandler,

    /// <summary>The sending host dropped its own packets.</summary>
    LocalEgressDrop,

    /// <summary>No local port was free.</summary>
    PortExhaustion,

    /// <summary>The response reached the peer's host, and was never read.</summary>
    UnreadClose,

    /// <summary>The response is shorter than the application says.</summary>
    ShortResponse,

    /// <summary>A library tried again without saying so.</summary>
    HiddenRetry,

    /// <summary>The kernel saw an exchange that no application reported.</summary>
    UnclaimedExchange,

    /// <summary>An application reported a request that the kernel did not see.</summary>
    UnbackedRecord,

    /// <summary>The layers disagree, and no known cause fits.</summary>
    Unknown,
}
