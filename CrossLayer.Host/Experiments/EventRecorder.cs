using CrossLayer.Host.Files;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Host.Experiments;

/// <summary>
/// Keeps what the kernel saw at the two ends of the lab, and nothing of the router or of the machine: what the injector does there is
/// not for detectors.
/// </summary>
internal sealed class EventRecorder : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly IKernelProbe _probe;
    private readonly IReadOnlySet<ulong> _ends;
    private readonly Task _reading;
    private readonly List<DatedKernelEvent> _missing = [];
    private List<DatedKernelEvent> _events = [];
    private long _watermarkNs = long.MinValue;
    private TaskCompletionSource _progress = NewProgress();

    /// <summary>Reads a probe until it is disposed of.</summary>
    /// <param name="probe">Where events come from; stopped and disposed of with this.</param>
    /// <param name="ends">The cookies of the ends' namespaces.</param>
    public EventRecorder(IKernelProbe probe, IReadOnlySet<ulong> ends)
    {
        (_probe, _ends) = (probe, ends);
        _reading = ReadAsync();
    }

    /// <summary>Events that the kernel made and that were never read.</summary>
    public ulong Lost => _probe.Counters.Lost + _probe.Counters.Missed;

    /// <summary>
    /// What the kernel saw since the last call and until this one, once all of it has come; first of all, each time, what the hooks
    /// do not tell of.
    /// </summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<DatedKernelEvent>> TakeAsync(CancellationToken cancellation)
    {
        // The probe hands on in batches: what happened just now is in none yet, and would be taken for part of what comes next.
        var now = KernelClock.MonotonicNs();
        while (true)
        {
            Task progress;
            lock (_lock)
            {
                if (_watermarkNs >= now || _reading.IsCompletedSuccessfully)
                {
                    var events = _events;
                    _events = [.. _missing];
                    return events;
                }

                progress = _progress.Task;
            }

            await await Task.WhenAny(progress, _reading).WaitAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _probe.StopAsync();
        await _reading;
        await _probe.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        await foreach (var batch in _probe.Batches.ReadAllAsync())
        {
            using (batch)
            {
                lock (_lock)
                {
                    for (var i = 0; i < batch.Count; i++)
                    {
                        ref readonly var e = ref batch.Events[i];
                        if (e.IsOfKernel && !_ends.Contains(e.NetnsCookie))
                            continue;
                        var dated = DatedKernelEvent.Date(in e, _probe.Clock, _probe.Reasons);
                        _events.Add(dated);
                        if (e.Type == KernelEventType.Missing)
                            _missing.Add(dated);
                    }

                    _watermarkNs = batch.WatermarkNs;
                    _progress.SetResult();
                    _progress = NewProgress();
                }
            }
        }
    }

    private static TaskCompletionSource NewProgress() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
