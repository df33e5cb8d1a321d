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
/// and nothing passes as healthy.
/// </summary>
public sealed class ProbeActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GapInterval = TimeSpan.FromMilliseconds(50);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Func<IKernelProbe> _start;
    private readonly ChannelWriter<KernelEventBatch> _output;
    private readonly ClockHistory _clock = new(KernelClock.SampleOffset());
    private IKernelProbe? _probe;
    private string? _unavailable;
    private ulong _lostReported;
    private long _gapSinceNs;
    private IActorRef _stopAsker = ActorRefs.Nobody;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ProbeActor(Func<IKernelProbe> start, ChannelWriter<KernelEventBatch> output)
    {
        (_start, _output) = (start, output);
        Receive<GetProbeStatus>(_ => Sender.Tell(Status()));
        Receive<StopProbe>(_ => Stop());
        Receive<Forwarded>(OnForwarded);
        Receive<CheckLoss>(_ => ReportLoss());
        Receive<MarkGap>(_ => WriteGap());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="start">Brings the probe up; throws <see cref="ProbeException"/> where it cannot be.</param>
    /// <param name="output">Receives the batches; completed once the probe has stopped.</param>
    public static Props Props(Func<IKernelProbe> start, ChannelWriter<KernelEventBatch> output) =>
        Akka.Actor.Props.Create(() => new ProbeActor(start, output));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        try
        {
            _probe = _start();
        }
        catch (ProbeException e)
        {
            BecomeUnavailable(e.Message);
            return;
        }

        foreach (var hook in _probe.Hooks.Where(hook => hook.Missing is not null))
            _log.Warning("no {0} events: {1}", hook.Event, hook.Missing);
        Timers.StartPeriodicTimer(CheckLoss.Instance, CheckLoss.Instance, StatusInterval);
        _ = Forward(_probe, _output).PipeTo(Self, success: () => new Forwarded(null), failure: e => new Forwarded(e));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _ = _probe?.DisposeAsync().AsTask();
        _output.TryComplete();
    }

    /// <summary>The graph returns each batch to its pool; what it no longer takes is returned here.</summary>
    private static async Task Forward(IKernelProbe probe, ChannelWriter<KernelEventBatch> output)
    {
        await foreach (var batch in probe.Batches.ReadAllAsync().ConfigureAwait(false))
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

    private ProbeStatus Status() => new(
        _unavailable, _probe?.Hooks ?? [], _probe?.Counters ?? default, _probe?.Clock ?? _clock);

    private void Stop()
    {
        _stopAsker = Sender;
        Timers.CancelAll();
        if (_probe is null || _unavailable is not null)
        {
            Finish();
            return;
        }

        // Answered by Forwarded, once the last batch is through.
        _ = _probe.StopAsync().PipeTo(Self, failure: e => new Forwarded(e));
    }

    private void OnForwarded(Forwarded message)
    {
        if (message.Failure is not null)
        {
            _log.Error(message.Failure, "reading kernel events failed");
            BecomeUnavailable($"reading kernel events failed: {message.Failure.Message}");
        }

        if (!_stopAsker.IsNobody())
            Finish();
    }

    private void Finish()
    {
        _output.TryComplete();
        _stopAsker.Tell(Status());
        _stopAsker = ActorRefs.Nobody;
    }

    private void ReportLoss()
    {
        var counters = _probe!.Counters;
        var lost = counters.Lost + counters.Missed;
        if (lost == _lostReported)
            return;
        _log.Warning("{0} kernel events lost: the ring was full, or a program was interrupted by itself; windows they touch are inconclusive", lost - _lostReported);
        _lostReported = lost;
    }

    private void BecomeUnavailable(string reason)
    {
        _unavailable = reason;
        _gapSinceNs = KernelClock.MonotonicNs();
        _log.Warning("kernel_evidence: unavailable ({0})", reason);
        if (_stopAsker.IsNobody())
            Timers.StartPeriodicTimer(MarkGap.Instance, MarkGap.Instance, GapInterval);
    }

    /// <summary>A loss of unknown size from the last mark until now. A full pipe drops the mark; the next one spans both.</summary>
    private void WriteGap()
    {
        var now = KernelClock.MonotonicNs();
        var gap = new KernelEvent { Type = KernelEventType.Lost, SinceNs = (ulong)_gapSinceNs, TimestampNs = (ulong)now };
        var batch = new KernelEventBatch([gap], now);
        if (_output.TryWrite(batch))
            _gapSinceNs = now;
        else
            batch.Dispose();
    }

    private sealed record Forwarded(Exception? Failure);

    private sealed record CheckLoss : INoSerializationVerificationNeeded
    {
        internal static readonly CheckLoss Instance = new();
    }

    private sealed record MarkGap : INoSerializationVerificationNeeded
    {
        internal static readonly MarkGap Instance = new();
    }
}

/// <summary>Asks for <see cref="ProbeStatus"/>.</summary>
public sealed record GetProbeStatus;

/// <summary>Detach, pass on what is left, complete the output; answered by the final <see cref="ProbeStatus"/>.</summary>
public sealed record StopProbe;

/// <summary>How the kernel's side is doing.</summary>
/// <param name="Unavailable">Why there is no kernel evidence; null if there is.</param>
/// <param name="Hooks">Each hook, and why the missing ones are missing.</param>
/// <param name="Counters">Events made, read and lost.</param>
/// <param name="Clock">Monotonic time against wall time.</param>
public sealed record ProbeStatus(
    string? Unavailable, IReadOnlyList<HookStatus> Hooks, ProbeCounters Counters, ClockHistory Clock) : INoSerializationVerificationNeeded;
