namespace CrossLayer.Host.Lab;

/// <summary>What a lab's client is told to do other than to read what it asked for.</summary>
internal sealed record ClientBehaviour
{
    /// <summary>It reads at once.</summary>
    public static ClientBehaviour Ordinary { get; } = new();

    /// <summary>The receive buffer of its sockets in bytes (SO_RCVBUF); null for the kernel's own choice.</summary>
    public int? ReceiveBuffer { get; init; }

    /// <summary>How long it does not read after the first bytes of a response.</summary>
    public TimeSpan ReadPause { get; init; }
}

/// <summary>A client in the lab's client namespace that does as it is told, without being started anew.</summary>
internal interface ILabClient
{
    /// <summary>Changes what it does from the next request on.</summary>
    Task BehaveAsync(ClientBehaviour behaviour, CancellationToken cancellation);
}
