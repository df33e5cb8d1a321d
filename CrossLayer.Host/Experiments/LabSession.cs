using CrossLayer.Host.Lab;
using CrossLayer.Host.Lab.Injection;
using CrossLayer.Host.Lab.Serving;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Experiments;

/// <summary>A lab with its server and its client, for one episode after the other.</summary>
internal sealed class LabSession : IAsyncDisposable
{
    /// <summary>Where the lab's server listens.</summary>
    public const ushort Port = 8080;

    /// <summary>All ports at which it listens: what the probe is to look at.</summary>
    public static ushort[] Ports { get; } = [Port, (ushort)LabServer.Http2Port(Port)];

    private LabSession(LabNetwork network, LabServerProcess server)
    {
        (Network, Server) = (network, server);
        Client = new LabClient(network, server.Url, Oracle);
        Handshakes = new HandshakeLog(network.Router);
        Setup = new LabSetup(network, server, Client);
    }

    /// <summary>The hosts.</summary>
    public LabNetwork Network { get; }

    /// <summary>The server.</summary>
    public LabServerProcess Server { get; }

    /// <summary>The client.</summary>
    public LabClient Client { get; }

    /// <summary>Who knows what became of requests.</summary>
    public Oracle Oracle { get; } = new();

    /// <summary>Where connections begin.</summary>
    public HandshakeLog Handshakes { get; }

    /// <summary>What scenarios are injected into.</summary>
    public LabSetup Setup { get; }

    /// <summary>The namespaces whose events are recorded.</summary>
    public IReadOnlySet<ulong> Ends() => new HashSet<ulong> { Network.Client.Cookie(), Network.Server.Cookie() };

    /// <summary>Makes a lab in which requests are answered; what killed runs left of theirs is removed first.</summary>
    /// <exception cref="LabException">There can be none here; nothing of it is left.</exception>
    public static async Task<LabSession> StartAsync(CancellationToken cancellation)
    {
        await LabNetwork.RemoveLeftoversAsync(cancellation);
        var network = await LabNetwork.CreateAsync(cancellation);
        try
        {
            var session = new LabSession(network, await LabServerProcess.StartAsync(network, Port, cancellation));
            await session.WarmUpAsync(cancellation);
            return session;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sees that requests are answered: an episode in a lab that is broken would tell of no fault but that.</summary>
    /// <exception cref="LabException">They are not.</exception>
    public async Task CheckAsync()
    {
        using var loader = Client.NewLoader(ClientBehaviour.Ordinary, keepAlive: false);
        await Client.AskAsync(loader, ClientBehaviour.Ordinary, LabClient.NewId(), 200, 0);
        if (Oracle.Take() is not [{ Outcome: Outcome.Right }])
            throw new LabException("the lab's server does not answer, though no fault is in force; run the command again to go on in a new lab");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Network.DisposeAsync();
    }

    /// <summary>Requests that nobody looks at: what is compiled at its first use would make the first that count slow.</summary>
    private async Task WarmUpAsync(CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(TimeSpan.FromSeconds(2));
        await Client.RunAsync([.. LabClient.Ordinary, .. LabClient.Ordinary], new Random(0), end.Token);
        cancellation.ThrowIfCancellationRequested();
        Oracle.Take();
    }
}
