using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Graph;

/// <summary>Correlations whose windows closed up to a watermark.</summary>
/// <param name="Correlations">From the graph: in order of the time at which their windows closed.</param>
/// <param name="WatermarkNs">Everything up to here was known: CLOCK_MONOTONIC nanoseconds.</param>
/// <param name="Counters">What the pipeline has counted so far.</param>
public sealed record CorrelationBatch(IReadOnlyList<Correlation> Correlations, long WatermarkNs, PipelineCounters Counters)
{
    /// <summary>Requests without an answer that nobody has reported so far; from a shard, for <see cref="RetryFinder"/>.</summary>
    internal IReadOnlyList<Attempt> Attempts { get; init; } = [];

    /// <summary>What is known here of requests whose other end is on another host.</summary>
    public IReadOnlyList<RequestHalf> Halves { get; init; } = [];
}

/// <summary>What the pipeline has counted since its start.</summary>
/// <param name="UnclaimedExchanges">Exchanges on connections whose requests nobody reports.</param>
/// <param name="RejectedRecords">Records turned away because too many of their connection waited, or named too many connections.</param>
/// <param name="LateRecords">Records that came later than the lateness allows.</param>
/// <param name="ForgottenAttempts">Unanswered requests no longer remembered when a retry of theirs might still come.</param>
/// <param name="SkippedEvents">Kernel events of sockets beyond the most that are followed.</param>
/// <param name="LateEvents">Kernel events that came behind the watermark.</param>
/// <param name="Connections">Connection entities now.</param>
public readonly record struct PipelineCounters(
    long UnclaimedExchanges, long RejectedRecords, long LateRecords, long ForgottenAttempts, long SkippedEvents, long LateEvents, int Connections)
{
    /// <summary>Servers whose last requests were forgotten, because too many servers were asked: see <see cref="NeighbourFinder"/>.</summary>
    public long ForgottenServers { get; init; }

    /// <summary>Sockets that are followed now.</summary>
    public int Sockets { get; init; }

    /// <summary>Connection entities with requests that wait for their verdict.</summary>
    public int WaitingConnections { get; init; }

    /// <summary>Adds up the shards' counts.</summary>
    public static PipelineCounters operator +(PipelineCounters one, PipelineCounters other) => one.Add(other);

    /// <inheritdoc cref="op_Addition"/>
    public PipelineCounters Add(PipelineCounters other) => new(
        UnclaimedExchanges + other.UnclaimedExchanges,
        RejectedRecords + other.RejectedRecords,
        LateRecords + other.LateRecords,
        ForgottenAttempts + other.ForgottenAttempts,
        SkippedEvents + other.SkippedEvents,
        LateEvents + other.LateEvents,
        Connections + other.Connections)
    {
        Sockets = Sockets + other.Sockets,
        WaitingConnections = WaitingConnections + other.WaitingConnections,
    };
}
