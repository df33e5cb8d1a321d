namespace CrossLayer.Probe.Clock;

/// <summary>
/// How wall time and monotonic time stood to each other over time, so that a stepped wall clock moves nothing that was
/// seen before the step. Safe for one writer and many readers.
/// </summary>
public sealed class ClockHistory
{
    /// <summary>A change smaller than this is slewing or sampling noise, and keeps the offset that is in force.</summary>
    public const long ToleranceNs = 100_000;

    private const int MaxEntries = 1024;

    private volatile ClockOffset[] _entries;

    /// <summary>A history that begins with one sample, which also stands for all time before it.</summary>
    public ClockHistory(ClockOffset first) => _entries = [first];

    /// <summary>The offsets in force, oldest first, each from its monotonic time on.</summary>
    public IReadOnlyList<ClockOffset> Entries => _entries;

    /// <summary>Adds a sample if it differs from the offset in force by more than the tolerance; samples come in order of time.</summary>
    public void Add(ClockOffset sample)
    {
        var entries = _entries;
        if (Math.Abs(sample.OffsetNs - entries[^1].OffsetNs) <= ToleranceNs)
            return;
        var kept = entries.Length < MaxEntries ? entries : entries[1..];
        _entries = [.. kept, sample];
    }

    /// <summary>Wall time of a monotonic time.</summary>
    public long ToUnixNs(long monotonicNs)
    {
        var entries = _entries;
        for (var i = entries.Length - 1; i > 0; i--)
            if (monotonicNs >= entries[i].MonotonicNs)
                return monotonicNs + entries[i].OffsetNs;
        return monotonicNs + entries[0].OffsetNs;
    }

    /// <summary>
    /// Monotonic time of a wall time. A backward step makes a span of wall time happen twice: the later one is taken that is
    /// not after <paramref name="notAfterNs"/>. A wall time that a forward step skipped is placed at the step.
    /// </summary>
    public long ToMonotonicNs(long unixNs, long notAfterNs = long.MaxValue)
    {
        var entries = _entries;
        for (var i = entries.Length - 1; i > 0; i--)
        {
            var monotonic = unixNs - entries[i].OffsetNs;
            if (monotonic > notAfterNs)
                continue;
            if (monotonic >= entries[i].MonotonicNs)
                return monotonic;
            if (unixNs - entries[i - 1].OffsetNs >= entries[i].MonotonicNs)
                return entries[i].MonotonicNs;
        }

        return unixNs - entries[0].OffsetNs;
    }
}
