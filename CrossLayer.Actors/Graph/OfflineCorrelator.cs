using System.Runtime.ExceptionServices;
using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// Correlates recordings, one after the other, each by itself: nothing of one is known in the next. The actors that a
/// recording needs are stopped at its end; the system that they live in serves all. One run at a time.
/// </summary>
public sealed class OfflineCorrelator : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly ActorSystem _system;
    private readonly ActorMaterializer _materializer;

    private OfflineCorrelator(ActorSystem system, CorrelationSettings settings) =>
        (_system, _materializer, Settings) = (system, system.Materializer(), settings);

    /// <summary>How requests are correlated.</summary>
    public CorrelationSettings Settings { get; }

    /// <summary>Starts the system.</summary>
    /// <param name="config">Its configuration, <c>crosslayer.correlation</c> included.</param>
    /// <exception cref="ConfigurationException">A setting is missing or out of its range.</exception>
    public static OfflineCorrelator Start(Config config)
    {
        var settings = CorrelationSettings.From(config);
        return new OfflineCorrelator(ActorSystem.Create("crosslayer", config), settings);
    }

    /// <summary>Correlates a recording to its end.</summary>
    /// <param name="events">Its kernel events, each with its time in nanoseconds since the Unix epoch; enumerated several times (<see cref="OfflineInput"/>).</param>
    /// <param name="sources">Its records.</param>
    /// <param name="onBatch">Sees the correlations, in order of the time at which their windows closed.</param>
    /// <param name="cancellation">Ends the recording early: what is there by then is correlated.</param>
    /// <returns>What the pipeline counted.</returns>
    /// <remarks>What <paramref name="events"/> or <paramref name="onBatch"/> throw comes out as it was thrown.</remarks>
    public async Task<PipelineCounters> RunAsync(IEnumerable<(KernelEvent Event, long UnixNs)> events,
        IReadOnlyList<RecordSource> sources, Action<CorrelationBatch> onBatch, CancellationToken cancellation = default)
    {
        return await RunAsync([new HostRecording(events, sources)], onBatch, cancellation);
    }

    /// <summary>Correlates what several hosts recorded, to its end.</summary>
    /// <param name="hosts">What they recorded, with their clocks aligned (<see cref="HostRecording.Align"/>).</param>
    /// <param name="onBatch">Sees the correlations, in order of the time at which their windows closed.</param>
    /// <param name="cancellation">Ends it early: what is there by then is correlated.</param>
    /// <returns>What the pipeline counted.</returns>
    /// <remarks>What the hosts' events or <paramref name="onBatch"/> throw comes out as it was thrown.</remarks>
    public async Task<PipelineCounters> RunAsync(
        IReadOnlyList<HostRecording> hosts, Action<CorrelationBatch> onBatch, CancellationToken cancellation = default)
    {
        var input = OfflineInput.Lay(hosts, Settings).TakeWhile(_ => !cancellation.IsCancellationRequested);
        return await RunAsync(Source.From(input), Settings, onBatch);
    }

    /// <summary>Correlates input that is laid out already.</summary>
    /// <param name="input">The graph's input, to its end.</param>
    /// <param name="settings">How its requests are correlated.</param>
    /// <param name="onBatch">Sees the correlations, in order of the time at which their windows closed.</param>
    /// <returns>What the pipeline counted.</returns>
    /// <remarks>What <paramref name="input"/> or <paramref name="onBatch"/> throw comes out as it was thrown.</remarks>
    public async Task<PipelineCounters> RunAsync(Source<PipelineInput, NotUsed> input, CorrelationSettings settings, Action<CorrelationBatch> onBatch)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(onBatch);
        var counters = default(PipelineCounters);
        var shards = Enumerable.Range(0, settings.Shards).Select(_ => _system.ActorOf(ShardActor.Props(settings))).ToArray();
        try
        {
            // Whoever takes them, a file mostly, works beside the graph.
            await CorrelationGraph.Create(input, shards, settings).Async().RunForeach(batch =>
            {
                onBatch(batch);
                counters = batch.Counters;
            }, _materializer);
        }
        catch (AggregateException e) when (e.GetBaseException() is not AggregateException)
        {
            // The stream wraps what its source throws.
            ExceptionDispatchInfo.Throw(e.GetBaseException());
        }
        finally
        {
            await Task.WhenAll(shards.Select(shard => shard.GracefulStop(StopTimeout)));
        }

        return counters;
    }

    /// <summary>Ends the system.</summary>
    public async ValueTask DisposeAsync()
    {
        _materializer.Dispose();
        await _system.Terminate();
    }
}
