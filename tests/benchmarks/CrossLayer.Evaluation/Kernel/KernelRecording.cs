using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Evaluation.Kernel;

/// <summary>The kernel events of one run, in memory, in the order of the ring.</summary>
internal sealed class KernelRecording
{
    private readonly List<KernelEvent[]> _batches = [];

    /// <summary>The probe's counts once it has stopped.</summary>
    internal ProbeCounters Counters { get; set; }

    /// <summary>Adds a batch's events.</summary>
    internal void Add(KernelEventBatch batch) => _batches.Add(batch.Events.ToArray());

    /// <summary>The events with both their times, as stored events have them.</summary>
    internal IEnumerable<(KernelEvent Event, long UnixNs)> Dated(ClockHistory clock)
    {
        foreach (var batch in _batches)
            foreach (var e in batch)
                yield return (e, clock.ToUnixNs((long)e.TimestampNs));
    }
}
