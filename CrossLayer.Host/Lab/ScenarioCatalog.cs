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

    /// <summary>Faults and what looks like some.</summary>
    public static IReadOnlyList<Scenario> Everything => All;

    /// <summary>A scenario by its name.</summary>
    /// <exception cref="LabException">None is called so.</exception>
    public static Scenario Of(string name) => Everything.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new LabException($"no scenario is named '{name}': {string.Join(", ", Everything.Select(scenario => scenario.Name))}");
}
