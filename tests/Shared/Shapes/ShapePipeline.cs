using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Tests.Shapes;

/// <summary>The product's own graph over what was recorded of a shape, with the settings that it ships with.</summary>
internal static class ShapePipeline
{
    /// <summary>Correlates to the end of the input.</summary>
    /// <param name="events">Kernel events, each with its time in nanoseconds since the Unix epoch.</param>
    /// <param name="records">What was reported.</param>
    /// <param name="expectedSlowRoutes">The one setting that shapes differ in.</param>
    internal static Task<IReadOnlyList<Correlation>> RunAsync(
        IEnumerable<(KernelEvent Event, long UnixNs)> events, IReadOnlyList<RequestRecord> records, IReadOnlyList<string> expectedSlowRoutes) =>
        RunAsync([new HostRecording(events, [RecordSource.Of(records)])], expectedSlowRoutes);

    /// <summary>Correlates to the end of what several hosts recorded.</summary>
    /// <param name="hosts">Their recordings, with their clocks.</param>
    /// <param name="expectedSlowRoutes">The one setting that shapes differ in.</param>
    internal static async Task<IReadOnlyList<Correlation>> RunAsync(IReadOnlyList<HostRecording> hosts, IReadOnlyList<string> expectedSlowRoutes)
    {
        var config = DefaultConfiguration.Load();
        var settings = CorrelationSettings.From(config) with { ExpectedSlowRoutes = expectedSlowRoutes };
        using var system = ActorSystem.Create("shapes", config);
        try
        {
            var shards = Enumerable.Range(0, settings.Shards).Select(i => system.ActorOf(ShardActor.Props(settings), $"shard-{i}")).ToArray();
            var correlations = new List<Correlation>();
            await CorrelationGraph.Create(Source.From(OfflineInput.Lay(hosts, settings)), shards, settings)
                .RunForeach(batch => correlations.AddRange(batch.Correlations), system.Materializer());
            return correlations;
        }
        finally
        {
            await system.Terminate();
        }
    }
}
