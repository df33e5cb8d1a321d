using CrossLayer.Host.Files;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Host.Analysis;

/// <summary>The wall time of an episode's monotonic times, by the two times that its kernel events carry.</summary>
internal sealed class EpisodeClock
{
    private readonly ClockHistory? _history;

    /// <param name="events">The episode's; about in order of time.</param>
    public EpisodeClock(IReadOnlyList<DatedKernelEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        LastNs = long.MinValue;
        foreach (var dated in events)
        {
            var monotonic = (long)dated.Event.TimestampNs;
            // One that came late would take a step of the clock back.
            if (dated.UnixNs == 0 || monotonic < LastNs)
                continue;
            var sample = new ClockOffset(monotonic, dated.UnixNs, 0);
            if (_history is null)
                _history = new ClockHistory(sample);
            else
                _history.Add(sample);
            LastNs = monotonic;
        }
    }

    /// <summary>The last time that is told, on CLOCK_MONOTONIC; <see cref="long.MinValue"/> where none is.</summary>
    public long LastNs { get; }

    /// <summary>Nanoseconds since the Unix epoch; null if no event tells both its times.</summary>
    public long? ToUnixNs(long monotonicNs) => _history?.ToUnixNs(monotonicNs);

    /// <summary>An event's own time since the Unix epoch, in nanoseconds; 0 where it is not known.</summary>
    public long UnixNsOf(in DatedKernelEvent dated) => dated.UnixNs != 0 ? dated.UnixNs : ToUnixNs((long)dated.Event.TimestampNs) ?? 0;
}
