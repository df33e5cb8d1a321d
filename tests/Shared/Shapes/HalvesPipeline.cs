using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Tests.Shapes;

/// <summary>Two hosts, each with a graph of its own that knows nothing of the other's; the halves of their requests are joined between them.</summary>
internal static class HalvesPipeline
{
    private const string Client = "client", Server = "server";

    /// <summary>Correlates to the end of what both recorded.</summary>
    internal static async Task<IReadOnlyList<Correlation>> RunAsync(HostRecording client, HostRecording server, IReadOnlyList<string> expectedSlowRoutes)
    {
        var config = DefaultConfiguration.Load();
        var settings = CorrelationSettings.From(config) with { ExpectedSlowRoutes = expectedSlowRoutes };
        using var system = ActorSystem.Create("halves", config);
        try
        {
            var halves = new List<(HalfId, RequestHalf)>();
            await RunAsync(system, client, settings, Client, Server, null, batch => Take(Client, batch));
            var joined = new TaskCompletionSource<IReadOnlyList<Correlation>>(TaskCreationOptions.RunContinuationsAsynchronously);
            var correlations = new List<Correlation>();
            await RunAsync(system, server, settings, Server, Client, Source.FromTask(joined.Task), batch =>
            {
                correlations.AddRange(batch.Correlations);
                Take(Server, batch);
                // The end of its input: what it knew of by itself is behind it.
                if (batch.WatermarkNs == long.MaxValue && !joined.Task.IsCompleted)
                    joined.SetResult(Join(halves, settings));
            });
            return correlations;

            void Take(string host, CorrelationBatch batch)
            {
                foreach (var half in batch.Halves)
                    halves.Add((new HalfId(host, halves.Count), half));
            }
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static IReadOnlyList<Correlation> Join(IReadOnlyList<(HalfId Id, RequestHalf Half)> halves, CorrelationSettings settings)
    {
        var joiner = new HalfJoiner(settings, most: 10_000);
        var requests = halves.Select(half => joiner.Add(half.Id, half.Half, nowMs: 1)).OfType<JoinedRequest>().ToList();
        requests.AddRange(halves.SelectMany(half => joiner.Conclude(half.Id, PeerView.Nothing, null, null)));
        // Each half is told to be done with, once.
        Assert.Equal(halves.Select(half => half.Id).OrderBy(id => id.Number), requests.SelectMany(request => request.Halves).OrderBy(id => id.Number));
        return [.. requests.Select(request => request.Correlation).OfType<Correlation>().OrderBy(correlation => correlation.ClosedAtNs)];
    }

    private static async Task RunAsync(ActorSystem system, HostRecording host, CorrelationSettings settings, string name, string other,
        Source<IReadOnlyList<Correlation>, Akka.NotUsed>? joined, Action<CorrelationBatch> onBatch)
    {
        var shards = Enumerable.Range(0, settings.Shards).Select(i => system.ActorOf(ShardActor.Props(settings, new AllElsewhere(other)), $"{name}-{i}")).ToArray();
        await CorrelationGraph.Create(Source.From(OfflineInput.Lay([host], settings)), shards, settings, joined).RunForeach(onBatch, system.Materializer());
    }

    private sealed class AllElsewhere(string host) : IOtherHosts
    {
        public string? PeerOf(RequestWindow window) => host;
    }
}
