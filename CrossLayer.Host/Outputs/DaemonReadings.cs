using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Kernel;
using CrossLayer.Host.Ingest;
using CrossLayer.Probe;

namespace CrossLayer.Host.Outputs;

/// <summary>What metrics and health ask of the rest of the daemon, each time that they are asked. Called by any thread.</summary>
internal sealed record DaemonReadings
{
    /// <summary>How the kernel's side is doing; one that does not answer in time is said to be not alive.</summary>
    public required Func<Task<ProbeStatus>> Probe { get; init; }

    /// <summary>What the probe costs; null without one.</summary>
    public Func<ProbeCost?> ProbeCost { get; init; } = () => null;

    /// <summary>True until the actor system has ended.</summary>
    public required Func<bool> ActorsAlive { get; init; }

    /// <summary>How the journal is doing.</summary>
    public required Func<JournalReading> Journal { get; init; }

    /// <summary>The sources' ways into the pipeline.</summary>
    public Func<IReadOnlyList<RecordIntake>> Intakes { get; init; } = () => [];

    /// <summary>Whether each configured source listens, or follows its file.</summary>
    public Func<IReadOnlyList<ComponentState>> Sources { get; init; } = () => [];

    /// <summary>What was not processed because the daemon could not keep up, by what it was: <c>records</c>, <c>events</c>.</summary>
    public Func<IReadOnlyDictionary<string, long>> Shed { get; init; } = () => new Dictionary<string, long>();

    /// <summary>This host's part in a cluster; null where it is alone.</summary>
    public Func<ClusterReading?> Cluster { get; init; } = () => null;

    /// <summary>How requests are correlated: the limits.</summary>
    public required CorrelationSettings Limits { get; init; }
}
