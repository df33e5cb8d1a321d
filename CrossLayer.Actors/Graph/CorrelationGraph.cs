using Akka;
using Akka.Actor;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// The correlation graph: kernel-event batches and request records in, correlations out. It does not know where they
/// come from, and the same input gives the same correlations in the same order, however it was cut.
/// </summary>
public static class CorrelationGraph
{
    private static readonly TimeSpan ShardTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Wires the graph to two sources that run side by side; it closes all windows when both have ended.</summary>
    /// <param name="kernel">Batches in order; the graph returns them to their pool.</param>
    /// <param name="records">Request records, in any order.</param>
    /// <param name="shards">The lanes: actors of <see cref="ShardActor"/>, used by this graph alone.</param>
    /// <param name="settings">How requests are correlated; the shards' own.</param>
    public static Source<CorrelationBatch, NotUsed> Create(
        Source<KernelEventBatch, NotUsed> kernel, Source<IReadOnlyList<TimedRecord>, NotUsed> records, IReadOnlyList<IActorRef> shards,
        CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        ArgumentNullException.ThrowIfNull(records);
        var input = kernel.Select(batch => (PipelineInput)new KernelInput(batch)).Merge(records.Select(batch => (PipelineInput)new RecordInput(batch)));
        return Create(input, shards, settings);
    }

    /// <summary>Wires the graph to one source; it closes all windows when that has ended.</summary>
    /// <param name="input">Batches in order, and records, each before the watermark passes its end by more than the settle time.</param>
    /// <param name="shards">The lanes: actors of <see cref="ShardActor"/>, used by this graph alone.</param>
    /// <param name="settings">How requests are correlated; the shards' own.</param>
    /// <param name="joined">Correlations of requests that crossed hosts, decided elsewhere; null for none. It has to end when the input has.</param>
    public static Source<CorrelationBatch, NotUsed> Create(Source<PipelineInput, NotUsed> input, IReadOnlyList<IActorRef> shards, CorrelationSettings settings,
        Source<IReadOnlyList<Correlation>, NotUsed>? joined = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(shards);
        var batches = input.Concat(Source.Single<PipelineInput>(new EndOfInput()))
            .StatefulSelectMany<PipelineInput, (ShardBatch[] Batches, long Late), NotUsed>(() =>
            {
                var order = new EventOrder(shards.Count);
                return input => [(order.Apply(input), order.Late)];
            })
            .Async()
            // One batch at a time through all shards: the order of batches is the order of time.
            .SelectAsync(1, step => AskShards(shards, step.Batches, step.Late));
        return (joined is null ? batches : Together(batches, joined))
            .StatefulSelectMany<CorrelationBatch, CorrelationBatch, NotUsed>(() =>
            {
                var retries = new RetryFinder(settings);
                var neighbours = new NeighbourFinder(settings);
                return batch =>
                {
                    var correlations = neighbours.Apply(retries.Apply(batch.Attempts, batch.Correlations, batch.WatermarkNs));
                    return
                    [
                        new CorrelationBatch(correlations, batch.WatermarkNs, batch.Counters with { ForgottenAttempts = retries.Forgotten, ForgottenServers = neighbours.Forgotten })
                        {
                            Halves = batch.Halves,
                        },
                    ];
                };
            });
    }

    /// <summary>What was decided elsewhere goes beside what was decided here, at the watermark that this has reached.</summary>
    private static Source<CorrelationBatch, NotUsed> Together(Source<CorrelationBatch, NotUsed> batches, Source<IReadOnlyList<Correlation>, NotUsed> joined) =>
        batches.Select(batch => (Batch: (CorrelationBatch?)batch, Joined: (IReadOnlyList<Correlation>)[]))
            .Merge(joined.Select(correlations => (Batch: (CorrelationBatch?)null, Joined: correlations)))
            .StatefulSelectMany<(CorrelationBatch? Batch, IReadOnlyList<Correlation> Joined), CorrelationBatch, NotUsed>(() =>
            {
                var last = new CorrelationBatch([], long.MinValue, default);
                return next =>
                {
                    last = next.Batch ?? new CorrelationBatch(next.Joined, last.WatermarkNs, last.Counters);
                    return [last];
                };
            });

    private static async Task<CorrelationBatch> AskShards(IReadOnlyList<IActorRef> shards, ShardBatch[] batches, long late)
    {
        var watermark = batches[0].WatermarkNs;
        var answers = await Task.WhenAll(batches.Select((batch, i) => shards[i].Ask<CorrelationBatch>(batch, ShardTimeout)));
        var counters = answers.Aggregate(new PipelineCounters(0, 0, 0, 0, 0, late, 0), (sum, answer) => sum + answer.Counters);
        return new CorrelationBatch(Merge(answers), watermark, counters)
        {
            Attempts = [.. answers.SelectMany(answer => answer.Attempts).OrderBy(attempt => attempt.StartNs)],
            Halves = [.. answers.SelectMany(answer => answer.Halves)],
        };
    }

    /// <summary>In order of closing: across batches it grows by itself, since a window closes with the watermark.</summary>
    private static IReadOnlyList<Correlation> Merge(CorrelationBatch[] answers)
    {
        var all = answers.SelectMany(answer => answer.Correlations).ToList();
        if (all.Count == 0)
            return [];
        return [.. all.OrderBy(c => c.ClosedAtNs).ThenBy(c => c.RequestId).ThenBy(c => c.ClientRecord is null)
            .ThenBy(c => (c.ClientExchange ?? c.ServerExchange)?.FirstNs ?? 0)];
    }
}
