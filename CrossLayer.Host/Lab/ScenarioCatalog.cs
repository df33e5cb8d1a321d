using CrossLayer.Host.Lab.Negatives;
using CrossLayer.Host.Lab.Scenarios;

namespace CrossLayer.Host.Lab;

/// <summary>Every scenario that the lab knows.</summary>
internal static class ScenarioCatalog
{
    /// <summary>By where they are injected: the router, the server, the client; first of all nothing.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new Normal(),
        new PathLoss(),
        new Congestion(),
        new ConnectBlackhole(),
        new SynackLoss(),
        new InjectedReset(),
        new SilentResponseLoss(),
        new IdleConnectionDrop(),
        new MtuBlackhole(),
        new AcceptQueueOverflow(),
        new NoListener(),
        new ServerAbort(),
        new ProcessStall(),
        new SlowHandler(),
        new LocalEgressDrop(),
        new SlowReader(),
        new PortExhaustion(),
    ];

    /// <summary>What looks like trouble and is none.</summary>
    public static IReadOnlyList<Negative> Negatives { get; } =
    [
        new LostAcks(),
        new SpuriousRetransmit(),
        new ClientAbort(),
        new AbortInBody(),
        new IdleClose(),
        new HalfClose(),
        new RefusedUpload(),
        new OwnDeadline(),
        new LongCollection(),
        new HealthChecks(),
        new LongPoll(),
        new WebSockets(),
        new Pipelining(),
        new Http2Streams(),
        new PortReuse(),
        new LargeUpload(),
        new PacedUpload(),
        new ExpectedSlowHandler(),
    ];

    /// <summary>Faults and what looks like some.</summary>
    public static IReadOnlyList<Scenario> Everything { get; } = [.. All, .. Negatives];

    /// <summary>A scenario by its name.</summary>
    /// <exception cref="LabException">None is called so.</exception>
    public static Scenario Of(string name) => Everything.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new LabException($"no scenario is named '{name}': {string.Join(", ", Everything.Select(scenario => scenario.Name))}");
}
