using CrossLayer.Actors.Graph;
using CrossLayer.Probe;

namespace CrossLayer.Host.Daemon;

/// <summary>What the pipeline asks of the daemon: probes, and to pass on what it finds.</summary>
/// <param name="first">The probe that was attached at the start; null where there was none.</param>
/// <param name="start">Starts another; null where the privileges to do so are gone.</param>
/// <param name="observe">Sees correlations once their discrepancies are durable; one thread at a time.</param>
internal sealed class DaemonListener(IKernelProbe? first, Func<IKernelProbe>? start, Action<CorrelationBatch> observe) : IPipelineListener
{
    private readonly TaskCompletionSource<string> _probeGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IKernelProbe? _first = first;
    private IKernelProbe? _current = first;

    /// <summary>Completes, with the reason, when the probe is gone and no other can be had by this process.</summary>
    public Task<string> ProbeGone => _probeGone.Task;

    /// <summary>What the probe costs; null without one.</summary>
    public ProbeCost? Cost => (Volatile.Read(ref _current) as KernelProbe)?.Cost;

    /// <inheritdoc/>
    public IKernelProbe StartProbe()
    {
        if (Interlocked.Exchange(ref _first, null) is { } attached)
            return attached;
        if (start is not null)
        {
            var started = start();
            Volatile.Write(ref _current, started);
            return started;
        }

        const string reason = "the probe has ended, and without privileges it cannot be attached again";
        _probeGone.TrySetResult(reason);
        throw new ProbeUnavailableException(reason);
    }

    /// <inheritdoc/>
    public void OnKernelEvents(KernelEventBatch batch)
    {
    }

    /// <inheritdoc/>
    public void OnCorrelations(CorrelationBatch batch) => observe(batch);
}
