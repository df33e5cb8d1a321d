namespace CrossLayer.Host.Lab;

/// <summary>What a lab's server is told to do other than to answer.</summary>
internal sealed record ServerBehaviour
{
    /// <summary>It answers.</summary>
    public static ServerBehaviour Ordinary { get; } = new();

    /// <summary>Whether it listens at all.</summary>
    public bool Listens { get; init; } = true;

    /// <summary>Whether it takes connections from its accept queue.</summary>
    public bool Accepts { get; init; } = true;

    /// <summary>The length of its accept queue, as listen(2) takes it; null for its own.</summary>
    public int? Backlog { get; init; }

    /// <summary>Of 100 requests, how many it answers with a reset of the connection (SO_LINGER of 0).</summary>
    public int AbortPercent { get; init; }

    /// <summary>How long it thinks between the request and the response.</summary>
    public TimeSpan HandlerDelay { get; init; }
}

/// <summary>A server in the lab's server namespace that does as it is told, without being started anew.</summary>
internal interface ILabServer
{
    /// <summary>The process that answers; what is to be stalled.</summary>
    LabProcess? Process { get; }

    /// <summary>How many requests or connections met a behaviour other than the ordinary, ever.</summary>
    Task<long> MisbehavedAsync(CancellationToken cancellation);

    /// <summary>Changes what it does; done when it is in force.</summary>
    Task BehaveAsync(ServerBehaviour behaviour, CancellationToken cancellation);
}
