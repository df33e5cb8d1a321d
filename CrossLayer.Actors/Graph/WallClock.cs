using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// How wall time and monotonic time stood to each other in a whole recording, and so all the monotonic times that a wall time
/// can have been: a clock that was set back makes a span of wall time happen twice. Plain state.
/// </summary>
public sealed class WallClock
{
    /// <summary>The probe samples the clocks every 100 ms: what it saw between a step and the next sample is dated as before the step.</summary>
    private const long UnnoticedNs = 250_000_000;

    private const int MostEras = 1024;

    private readonly List<Era> _eras = [];

    /// <summary>True if no event told both its times.</summary>
    public bool IsUnknown => _eras.Count == 0;

    /// <summary>Adds an event's two times; events come about in order of time.</summary>
    public void Add(long monotonicNs, long unixNs)
    {
        var offset = unixNs - monotonicNs;
        // Near a step, events that came a little late are still those of the era before.
        for (var i = _eras.Count - 1; i >= Math.Max(0, _eras.Count - 2); i--)
        {
            var era = _eras[i];
            if (Math.Abs(offset - era.OffsetNs) > ClockHistory.ToleranceNs || (i < _eras.Count - 1 && monotonicNs > _eras[^1].FirstNs))
                continue;
            _eras[i] = era with { FirstNs = Math.Min(era.FirstNs, monotonicNs), LastNs = Math.Max(era.LastNs, monotonicNs) };
            return;
        }

        if (_eras.Count == MostEras)
            _eras.RemoveAt(0);
        _eras.Add(new Era(offset, monotonicNs, monotonicNs));
    }

    /// <summary>
    /// The monotonic times that a wall time can have been, latest first; at least one. Times within the tolerance of each other are
    /// one. A wall time that never was, since the clock was set forward over it, is placed at the step.
    /// </summary>
    public IReadOnlyList<long> MonotonicNs(long unixNs, long toleranceNs)
    {
        var found = new List<long>(1);
        var isSure = false;
        long? skippedAt = null;
        for (var i = _eras.Count - 1; i >= 0; i--)
        {
            var monotonic = unixNs - _eras[i].OffsetNs;
            // The step was somewhere between the last event before it and the first event after it.
            var from = i == 0 ? long.MinValue : Math.Min(_eras[i - 1].LastNs, _eras[i].FirstNs - UnnoticedNs);
            var until = i == _eras.Count - 1 ? long.MaxValue : _eras[i + 1].FirstNs;
            if (monotonic > until)
            {
                skippedAt ??= until;
            }
            else if (monotonic >= from)
            {
                var isOther = found.Count == 0 || found[^1] - monotonic > toleranceNs;
                if (isOther)
                    found.Add(monotonic);
                else if (!isSure)
                    found[^1] = monotonic;
                isSure = (isSure && !isOther) || monotonic >= _eras[i].FirstNs;
            }
        }

        return found.Count > 0 ? found : [skippedAt ?? unixNs - _eras[0].OffsetNs];
    }

    /// <summary>A span with one offset, from its first event to its last.</summary>
    private readonly record struct Era(long OffsetNs, long FirstNs, long LastNs);
}
