using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;

namespace CrossLayer.Evaluation.Kernel;

/// <summary>The product's own graph, with the settings that it ships with.</summary>
internal static class Pipeline
{
    /// <summary>The settings in force.</summary>
    internal static CorrelationSettings Settings { get; } = CorrelationSettings.From(DefaultConfiguration.Load());

    /// <summary>Runs the graph until its input has ended.</summary>
    /// <param name="create">Wires the graph to its shards.</param>
    /// <param name="see">Sees the correlations, a batch at a time.</param>
    /// <param name="cancellation">Breaks the run off.</param>
    internal static async Task RunAsync(
        Func<IReadOnlyList<IActorRef>, Source<CorrelationBatch, NotUsed>> create, Action<CorrelationBatch> see, CancellationToken cancellation)
    {
        using var system = ActorSystem.Create("evaluation", DefaultConfiguration.Load());
        try
        {
            var shards = Enumerable.Range(0, Settings.Shards)
                .Select(i => system.ActorOf(ShardActor.Props(Settings), $"shard-{i}")).ToArray();
            await create(shards).RunForeach(batch =>
            {
                cancellation.ThrowIfCancellationRequested();
                see(batch);
            }, system.Materializer());
        }
        finally
        {
            await system.Terminate();
        }
    }
}
