using Akka;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Outputs;
using CrossLayer.Probe;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Daemon;

/// <summary>What stands around the pipeline: sources before it, outputs, summaries and the journal's retention behind it.</summary>
internal sealed class DaemonParts : IAsyncDisposable
{
    // A graph without input still has a watermark that moves: the probe hands on empty batches.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SummaryTimeout = TimeSpan.FromSeconds(5);

    private readonly Config _config;
    private readonly JournalSettings _journal;
    private readonly ClusterSettings _cluster;
    private readonly DaemonSources _sources;
    private readonly OutputSettings _outputSettings;
    private DaemonOutputs? _outputs;
    private JournalWatch? _journalWatch;
    private LossWatch? _lossWatch;
    private IActorRef _summaries = ActorRefs.Nobody;
    private long _lastBatchMs = Environment.TickCount64;

    /// <summary>Reads what there is to be.</summary>
    /// <exception cref="ConfigurationException">A setting cannot be used; the message names it.</exception>
    public DaemonParts(Config config)
    {
        _config = config;
        _journal = JournalSettings.From(config);
        _cluster = ClusterSettings.From(config);
        _sources = new DaemonSources(config);
        _outputSettings = OutputSettings.From(config);
    }

    /// <summary>The graph has moved of late, or waits for a journal that is away: to be started again would mend neither.</summary>
    public bool IsAlive =>
        Environment.TickCount64 - Volatile.Read(ref _lastBatchMs) < LongestSilence.TotalMilliseconds || _journalWatch?.Reading.Writable == false;

    /// <summary>Completes, or fails, when a source can go on no longer.</summary>
    public Task SourceFailed => _sources.Failed;

    /// <summary>What runs, a line each.</summary>
    public IReadOnlyList<string> Describe() =>
    [
        $"journal: {_journal.Name}",
        .. _cluster.Enabled ? [_cluster.Describe()] : Array.Empty<string>(),
        .. _sources.Describe(),
        .. _outputSettings.Http.Listen.Address is { } address ? [$"metrics, health, events: {address}"] : Array.Empty<string>(),
        .. _outputSettings.Jsonl.Path is { } path ? [$"JSON lines: {path}"] : Array.Empty<string>(),
        .. _outputSettings.Otlp.Endpoint is { } endpoint ? [$"spans to {endpoint}"] : Array.Empty<string>(),
    ];

    /// <summary>Sees correlations once their discrepancies are durable.</summary>
    public void Observe(CorrelationBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Volatile.Write(ref _lastBatchMs, Environment.TickCount64);
        Volatile.Read(ref _outputs)?.Observe(batch);
        if (batch.Correlations.Count > 0)
            _summaries.Tell(new SummaryActor.Requests(batch.Correlations));
    }

    /// <summary>Starts outputs, then sources.</summary>
    /// <param name="services">The daemon's host.</param>
    /// <param name="pipeline">What it is all about.</param>
    /// <param name="probeCost">What the attached probe costs.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task StartAsync(IServiceProvider services, LivePipeline pipeline, Func<ProbeCost?> probeCost, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        var system = services.GetRequiredService<ActorSystem>();
        var journal = services.GetRequiredService<IRequiredActor<DiscrepancyJournal>>().ActorRef;
        system.StartJournalRetention(_journal);
        _summaries = system.StartSummaries(_journal, journal);
        _lossWatch = new LossWatch(pipeline.ProbeStatusAsync, _summaries);
        var watch = _journalWatch = new JournalWatch(journal);
        var cluster = services.GetRequiredService<Lazy<ClusterHost?>>().Value;
        var outputs = new DaemonOutputs(_outputSettings, new DaemonReadings
        {
            Probe = pipeline.ProbeStatusAsync,
            ProbeCost = probeCost,
            ActorsAlive = () => !system.WhenTerminated.IsCompleted,
            Journal = () => watch.Reading,
            Intakes = () => _sources.Intakes,
            Sources = () => _sources.States,
            Shed = Shed,
            Cluster = () => cluster?.Reading,
            Limits = CorrelationSettings.From(_config),
        }, TimeProvider.System, services.GetRequiredService<ILogger<DaemonOutputs>>());
        await outputs.StartAsync(cancellation);
        Volatile.Write(ref _outputs, outputs);
        cluster?.Join();
        await _sources.StartAsync(new PipelineSink(pipeline), services.GetRequiredService<ILoggerFactory>(), cancellation);
    }

    /// <summary>Opens again what a log rotation may have moved away.</summary>
    public void Reopen() => Volatile.Read(ref _outputs)?.Reopen();

    /// <summary>Ends the sources; what they were told is taken is in the pipeline then.</summary>
    public Task StopSourcesAsync(CancellationToken cancellation) => _sources.StopAsync(cancellation);

    /// <summary>Writes the last summaries and ends the outputs, once the pipeline has ended.</summary>
    /// <param name="lostEvents">Kernel events lost in all.</param>
    public async Task StopOutputsAsync(ulong lostEvents)
    {
        if (!_summaries.IsNobody())
        {
            await StopLossWatchAsync();
            _summaries.Tell(new SummaryActor.LostEvents((long)lostEvents));
            await _summaries.Ask<Done>(new SummaryActor.Finish(), SummaryTimeout);
            _summaries = ActorRefs.Nobody;
        }

        await DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sources.DisposeAsync();
        await StopLossWatchAsync();
        if (Interlocked.Exchange(ref _outputs, null) is { } outputs)
            await outputs.DisposeAsync();
        if (Interlocked.Exchange(ref _journalWatch, null) is { } watch)
            await watch.DisposeAsync();
    }

    private async ValueTask StopLossWatchAsync()
    {
        if (Interlocked.Exchange(ref _lossWatch, null) is { } watch)
            await watch.DisposeAsync();
    }

    // By what the pipeline has no room for; what the ring has no room for counts as lost.
    private Dictionary<string, long> Shed() => new()
    {
        ["records"] = _sources.Intakes.Sum(intake => intake.Rejected.GetValueOrDefault(Ingest.Rejection.PipelineFull)),
    };
}
