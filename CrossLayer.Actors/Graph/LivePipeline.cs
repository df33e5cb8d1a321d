using System.Threading.Channels;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Kernel;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// The live driver: probe and applications into the graph, its correlations into the journal and to a listener.
/// Backpressure runs the other way: a slow journal holds up the graph, then the pump, and loss happens in the ring.
/// </summary>
public sealed class LivePipeline
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly IActorRef _probe;
    private readonly IActorRef _appMetrics;
    private readonly IActorRef _journal;

    private LivePipeline(IActorRef probe, IActorRef appMetrics, IActorRef journal, Task completion) =>
        (_probe, _appMetrics, _journal, Completion) = (probe, appMetrics, journal, completion);

    /// <summary>
    /// Completes when the last correlation is in the journal; faults if the pipeline failed, and with a
    /// <see cref="JournalUnavailableException"/> that says how many discrepancies were not written, if there are such.
    /// </summary>
    public Task Completion { get; }

    /// <summary>Starts the actors and runs the graph.</summary>
    /// <param name="system">Where the actors live.</param>
    /// <param name="settings">How requests are correlated.</param>
    /// <param name="probeSettings">How often a probe that is not to be had is tried again.</param>
    /// <param name="journal">Answers <see cref="DiscrepancyJournal.Append"/>.</param>
    /// <param name="listener">Brings the probe up and sees what passes.</param>
    /// <param name="recorder">Records what the graph takes; null for nobody.</param>
    /// <param name="cluster">This host's part in a cluster; null where it is alone.</param>
    public static LivePipeline Start(
        ActorSystem system, CorrelationSettings settings, ProbeSettings probeSettings, IActorRef journal, IPipelineListener listener,
        InputRecorder? recorder = null, ClusterHost? cluster = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(listener);
        var kernelEvents = Channel.CreateBounded<KernelEventBatch>(new BoundedChannelOptions(16) { SingleReader = true });
        var records = Channel.CreateUnbounded<RecordInput>(new UnboundedChannelOptions { SingleReader = true });
        var room = new RecordRoom(settings.MaxWaitingRecords);

        var probe = system.ActorOf(ProbeActor.Props(recorder?.Watch(listener.StartProbe) ?? listener.StartProbe, kernelEvents.Writer, probeSettings), "probe");
        var appMetrics = system.ActorOf(AppMetricsActor.Props(records.Writer, room, probe), "app-metrics");
        var shards = Enumerable.Range(0, settings.Shards)
            .Select(i => system.ActorOf(ShardActor.Props(settings, cluster?.Others), $"shard-{i}")).ToArray();
        cluster?.Use(shards);

        recorder?.Follow(probe.Ask<ProbeStatus>(new GetProbeStatus(), AnswerTimeout)
            .ContinueWith(status => status.Result.Clock, CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default));
        var hold = new RecordHold(records.Reader, room);
        var input = ChannelSource.FromReader(kernelEvents.Reader)
            .Select(batch =>
            {
                listener.OnKernelEvents(batch);
                return (PipelineInput)new KernelInput(batch);
            })
            .Concat(Source.Single<PipelineInput>(new EndOfInput()))
            .SelectAsync(1, hold.ApplyAsync)
            .SelectMany(inputs => inputs)
            .Where(item => item is not EndOfInput); // the graph's own follows
        var writer = new JournalStage(journal);
        var completion = CorrelationGraph.Create(recorder?.Tap(input) ?? input, shards, settings, cluster is null ? null : ChannelSource.FromReader(cluster.Joined))
            .Select(batch => Send(batch, cluster))
            .SelectAsync(1, writer.WriteAsync)
            .Where(batch => batch.Written)
            .RunForeach(batch => listener.OnCorrelations(batch.Batch), system.Materializer());
        return new LivePipeline(probe, appMetrics, journal, writer.CompleteAsync(completion));
    }

    /// <summary>What concerns other hosts goes there; behind the end of input no more comes.</summary>
    private static CorrelationBatch Send(CorrelationBatch batch, ClusterHost? cluster)
    {
        if (batch.Halves.Count > 0)
            cluster?.Send(batch.Halves);
        if (batch.WatermarkNs == long.MaxValue)
            cluster?.Finish();
        return batch;
    }

    /// <summary>Hands records to the pipeline.</summary>
    public Task<RequestsReported> ReportAsync(IReadOnlyList<RequestRecord> records) =>
        _appMetrics.Ask<RequestsReported>(new ReportRequests(records), AnswerTimeout);

    /// <summary>Says that the sources of records are about to end: that a request has no record means nothing from now on.</summary>
    public void EndRecords() => _appMetrics.Tell(new EndRecords());

    /// <summary>Changes what the probe watches and how it is told, from now on and for probes to come.</summary>
    public void ChangeProbe(ProbeFilter filter, ProbeMode mode) => _probe.Tell(new ChangeProbe(filter, mode));

    /// <summary>How the probe is doing.</summary>
    public Task<ProbeStatus> ProbeStatusAsync() => _probe.Ask<ProbeStatus>(new GetProbeStatus(), AnswerTimeout);

    /// <summary>Detaches the probe, lets everything run through, closes all windows.</summary>
    /// <returns>The probe's and the applications' final counts.</returns>
    /// <exception cref="JournalUnavailableException">Not all discrepancies were written; the message says how many.</exception>
    public async Task<(ProbeStatus Probe, AppMetricsStatus AppMetrics)> StopAsync()
    {
        // First: a journal that is away holds up all that comes before it.
        _journal.Tell(new DiscrepancyJournal.Finish());
        var probe = await _probe.Ask<ProbeStatus>(new StopProbe(), AnswerTimeout);
        var appMetrics = await _appMetrics.Ask<AppMetricsStatus>(new StopAppMetrics(), AnswerTimeout);
        await Completion;
        return (probe, appMetrics);
    }
}
