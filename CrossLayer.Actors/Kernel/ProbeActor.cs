using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Actors.Kernel;

/// <summary>
/// Owns the probe: starts it, passes its batches to the graph, reports loss, and stops it so that what is in the ring
/// still arrives. Without kernel evidence it keeps the graph's time going and marks the gap, so that windows close
/// and nothing passes as healthy; and it tries to have a probe again, after a wait that doubles each time.
/// </summary>
#pragma warning disable CA1001 // what it owns is disposed of in PostStop
public sealed class ProbeActor : ReceiveActor, IWithTimers
#pragma warning restore CA1001
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GapInterval = TimeSpan.FromMilliseconds(50);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Func<IKernelProbe> _start;
    private readonly ChannelWriter<KernelEventBatch> _output;
    private readonly ProbeSettings _settings;
    private readonly ClockSampler _clock = new();
    private IKernelProbe? _probe;
    private ProbeOutage? _outage;
    private ProbeCounters _past; // of probes that are gone
    private TimeSpan _wait;
    private ulong _lostReported;
    private long _gapSinceNs; // of an outage: what is not marked yet begins here
    private uint _gapEvents;
    private IReadOnlyList<HookStatus> _hooks = [];
    private ChangeProbe? _change; // what the next probe is told, too
    private bool _summarises;
    private bool _disposing;
    private bool _finished;
    private IActorRef _stopAsker = ActorRefs.Nobody;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ProbeActor(Func<IKernelProbe> start, ChannelWriter<KernelEventBatch> output, ProbeSettings settings)
    {
        (_start, _output, _settings, _wait) = (start, output, settings, settings.RetryAfter);
        Receive<GetProbeStatus>(_ => Sender.Tell(Status()));
        Receive<StopProbe>(_ => Stop());
        Receive<Forwarded>(OnForwarded);
        Receive<Disposed>(OnDisposed);
        Receive<ChangeProbe>(change => Change(_change = change));
        Receive<CheckLoss>(_ =>
        {
            ReportLoss();
            ReportSummaries();
        });
        Receive<MarkGap>(_ => WriteGap());
        Receive<Retry>(_ => Start());
        Receive<Settled>(_ => _wait = _settings.RetryAfter);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="start">Brings a probe up; throws <see cref="ProbeException"/> where it cannot be. Called again after each failure.</param>
    /// <param name="output">Receives the batches; completed once the probe has stopped.</param>
    /// <param name="settings">How often to try again.</param>
    public static Props Props(Func<IKernelProbe> start, ChannelWriter<KernelEventBatch> output, ProbeSettings settings) =>
        Akka.Actor.Props.Create(() => new ProbeActor(start, output, settings));

    /// <inheritdoc/>
    protected override void PreStart() => Start();

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _ = _probe?.DisposeAsync().AsTask();
        _clock.Dispose();
        _output.TryComplete();
    }

    private void Start()
    {
        var before = KernelClock.MonotonicNs();
        try
        {
            _probe = _start();
        }
#pragma warning disable CA1031 // whatever it is, the pipeline goes on without evidence and says why
        catch (Exception e)
#pragma warning restore CA1031
        {
            var outage = _outage ?? new ProbeOutage("", before, 0);
            BecomeUnavailable(outage with { Reason = e.Message, Attempts = outage.Attempts + 1 });
            Timers.StartSingleTimer(Retry.Instance, Retry.Instance, _wait);
            _wait = _settings.Next(_wait);
            return;
        }

        // Loss ends only now, that the programs are attached; events that they made until now are not behind the watermark.
        var gap = _outage is null ? null : Gap(KernelClock.MonotonicNs(), before);
        if (_outage is not null)
            _log.Warning("kernel_evidence: available again, after {0} attempts", _outage.Attempts + 1);
        (_outage, _gapEvents, _hooks) = (null, 0, _probe.Hooks);
        foreach (var hook in _hooks.Where(hook => hook.Missing is not null))
            _log.Warning("no {0} events: {1}", hook.Event, hook.Missing);
        foreach (var hook in _hooks.Where(hook => hook.Limit is not null))
            _log.Warning("not all {0} events: {1}: {2}", hook.Event, string.Join(", ", hook.Hooks), hook.Limit);
        if (_change is not null)
            Change(_change);
        Timers.Cancel(MarkGap.Instance);
        Timers.StartPeriodicTimer(CheckLoss.Instance, CheckLoss.Instance, StatusInterval);
        Timers.StartSingleTimer(Settled.Instance, Settled.Instance, _settings.RetryAfterAtMost);
        _ = Forward(_probe, gap, before, _output).PipeTo(Self);
    }

    /// <summary>The graph returns each batch to its pool; what it no longer takes is returned here.</summary>
    private static async Task<Forwarded> Forward(IKernelProbe probe, KernelEventBatch? gap, long startedNs, ChannelWriter<KernelEventBatch> output)
    {
        var reached = startedNs;
        try
        {
            if (gap is not null)
                await Write(gap).ConfigureAwait(false);
            await foreach (var batch in probe.Batches.ReadAllAsync().ConfigureAwait(false))
            {
                reached = Math.Max(reached, batch.WatermarkNs);
                await Write(batch).ConfigureAwait(false);
            }

            return new Forwarded(null, reached);
        }
#pragma warning disable CA1031 // told to the actor
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new Forwarded(e, reached);
        }

        async Task Write(KernelEventBatch batch)
        {
            try
            {
                await output.WriteAsync(batch).ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                batch.Dispose();
            }
        }
    }

    private void Change(ChangeProbe change)
    {
        try
        {
            _probe?.Change(change.Filter, change.Mode);
        }
        catch (ProbeException exception)
        {
            _log.Error("the probe goes on as it was: {0}", exception.Message);
        }
    }

    private ProbeStatus Status() => new(_outage, _hooks, Counters(), _clock.History) { Summarises = _probe?.Summarises == true };

    private ProbeCounters Counters() => _probe is { Counters: var now }
        ? new ProbeCounters(_past.Made + now.Made, _past.Read + now.Read, _past.Lost + now.Lost, _past.Missed + now.Missed)
        : _past;

    private void Stop()
    {
        _stopAsker = Sender;
        Timers.CancelAll();
        if (_disposing)
            return; // answered by Disposed
        if (_probe is null)
        {
            Finish();
            return;
        }

        // Answered by Forwarded, once the last batch is through.
        _ = _probe.StopAsync().PipeTo(Self, failure: e => new Forwarded(e, KernelClock.MonotonicNs()));
    }

    private void OnForwarded(Forwarded message)
    {
        if (_probe is null || _disposing || _finished)
            return; // it failed twice: in reading, and in stopping
        if (message.Failure is null && !_stopAsker.IsNobody())
        {
            Finish();
            return;
        }

        var reason = message.Failure is null ? "the probe ended by itself" : $"reading kernel events failed: {message.Failure.Message}";
        BecomeUnavailable(new ProbeOutage(reason, message.ReachedNs, 0));
        Timers.Cancel(CheckLoss.Instance);
        Timers.Cancel(Settled.Instance);
        // One at a time: the next is not tried before this one is gone.
        _disposing = true;
        _ = _probe.DisposeAsync().AsTask().PipeTo(Self, success: () => new Disposed(null), failure: e => new Disposed(e));
    }

    private void OnDisposed(Disposed message)
    {
        if (message.Failure is not null)
            _log.Error(message.Failure, "the probe that failed cannot be disposed of");
        // What it made and nobody read is lost, too.
        var (made, read, lost, missed) = _probe!.Counters;
        var unread = made > read + lost ? made - read - lost : 0;
        _past = new ProbeCounters(_past.Made + made, _past.Read + read, _past.Lost + lost + unread, _past.Missed + missed);
        _gapEvents = (uint)Math.Min(_gapEvents + unread, uint.MaxValue);
        _probe = null;
        _disposing = false;
        if (!_stopAsker.IsNobody())
        {
            Finish();
            return;
        }

        ReportLoss();
        Timers.StartSingleTimer(Retry.Instance, Retry.Instance, _wait);
        _wait = _settings.Next(_wait);
    }

    private void Finish()
    {
        _finished = true;
        _output.TryComplete();
        _stopAsker.Tell(Status());
        _stopAsker = ActorRefs.Nobody;
    }

    private void ReportLoss()
    {
        var (_, _, ringLost, missed) = Counters();
        var lost = ringLost + missed;
        if (lost <= _lostReported)
            return;
        _log.Warning("{0} kernel events lost; windows they touch are inconclusive", lost - _lostReported);
        _lostReported = lost;
    }

    private void ReportSummaries()
    {
        var summarises = _probe?.Summarises == true;
        if (summarises == _summarises)
            return;
        _summarises = summarises;
        if (summarises)
            _log.Warning("kernel_evidence: in summaries from now on (crosslayer.probe.mode): when each call returned is not told, nor where requests that share an exchange meet");
        else
            _log.Info("kernel_evidence: each call again");
    }

    private void BecomeUnavailable(ProbeOutage outage)
    {
        if (_outage?.Reason != outage.Reason)
            _log.Warning("kernel_evidence: unavailable ({0})", outage.Reason);
        if (_outage is null)
            _gapSinceNs = outage.SinceNs;
        _outage = outage;
        if (_stopAsker.IsNobody() && !Timers.IsTimerActive(MarkGap.Instance))
            Timers.StartPeriodicTimer(MarkGap.Instance, MarkGap.Instance, GapInterval);
    }

    /// <summary>Marks the gap until now. A full pipe drops the mark; the next one spans both.</summary>
    private void WriteGap()
    {
        var now = KernelClock.MonotonicNs();
        var gap = Gap(now, now);
        if (_output.TryWrite(gap))
            (_gapSinceNs, _gapEvents) = (now, 0);
        else
            gap.Dispose();
    }

    /// <summary>A loss from the last mark on; of unknown size, but for what a dead probe is known to have left unread.</summary>
    private KernelEventBatch Gap(long untilNs, long watermarkNs) => new(
        [
            new KernelEvent
            {
                Type = KernelEventType.Lost,
                SinceNs = (ulong)_gapSinceNs,
                TimestampNs = (ulong)untilNs,
                LostEvents = _gapEvents,
            },
        ],
        watermarkNs);

    private sealed record Forwarded(Exception? Failure, long ReachedNs) : INoSerializationVerificationNeeded;

    private sealed record Disposed(Exception? Failure) : INoSerializationVerificationNeeded;

    private sealed record CheckLoss : INoSerializationVerificationNeeded
    {
        internal static readonly CheckLoss Instance = new();
    }

    private sealed record MarkGap : INoSerializationVerificationNeeded
    {
        internal static readonly MarkGap Instance = new();
    }

    private sealed record Retry : INoSerializationVerificationNeeded
    {
        internal static readonly Retry Instance = new();
    }

    private sealed record Settled : INoSerializationVerificationNeeded
    {
        internal static readonly Settled Instance = new();
    }
}
