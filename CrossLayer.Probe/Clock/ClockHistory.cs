namespace CrossLayer.Probe.Clock;

/// <summary>
/// How wall time and monotonic time stood to each other over time, so that a stepped wall clock moves nothing that was
/// seen before the step. Safe for many threads.
/// </summary>
public sealed class ClockHistory
{
    /// <summary>A change smaller than this is slewing or sampling noise, and keeps the offset that is in force.</summary>
    public const long ToleranceNs = 100_000;

    private const int MaxEntries = 1024;

    /// <summary>A step is at most so much older than the sample that shows it, where samples are as frequent as <see cref="ClockSampler"/>'s.</summary>
    private const long UnseenNs = 250_000_000;

    private readonly Lock _lock = new();
    // With each, from when on it may have been in force.
    private volatile (ClockOffset Offset, long SinceNs)[] _entries;
    private long _confirmedNs;

    /// <summary>A history that begins with one sample, which also stands for all time before it.</summary>
    public ClockHistory(ClockOffset first) => (_entries, _confirmedNs) = ([(first, first.MonotonicNs)], first.MonotonicNs);

    /// <summary>Takes a sample of the clocks that this is the history of; null: there are none to be read.</summary>
    public Func<ClockOffset>? Sample { get; init; }

    /// <summary>The offsets in force, oldest first, each from its monotonic time on.</summary>
    public IReadOnlyList<ClockOffset> Entries => Array.ConvertAll(_entries, entry => entry.Offset);

    /// <summary>Adds a sample if it differs from the offset in force by more than the tolerance; samples come in order of time.</summary>
    public void Add(ClockOffset sample)
    {
        lock (_lock)
        {
            var entries = _entries;
            if (sample.MonotonicNs < _confirmedNs)
                return; // another thread was faster
            if (Math.Abs(sample.OffsetNs - entries[^1].Offset.OffsetNs) > ToleranceNs)
                _entries = [.. entries.Length < MaxEntries ? entries : entries[1..], (sample, Math.Max(_confirmedNs, sample.MonotonicNs - UnseenNs))];

            _confirmedNs = sample.MonotonicNs;
        }
    }

    /// <summary>Looks at the clocks now, so that a step is known of by which what was just reported is placed.</summary>
    public void Refresh()
    {
        if (Sample is { } sample)
            Add(sample());
    }

    /// <summary>Wall time of a monotonic time.</summary>
    public long ToUnixNs(long monotonicNs)
    {
        var entries = _entries;
        for (var i = entries.Length - 1; i > 0; i--)
            if (monotonicNs >= entries[i].Offset.MonotonicNs)
                return monotonicNs + entries[i].Offset.OffsetNs;
        return monotonicNs + entries[0].Offset.OffsetNs;
    }

    /// <summary>
    /// Monotonic time of a wall time. A backward step makes a span of wall time happen twice: the later one is taken that is
    /// not after <paramref name="notAfterNs"/>. A wall time that a forward step skipped is placed at the step. The step itself was at
    /// any time since the last sample that did not show it.
    /// </summary>
    public long ToMonotonicNs(long unixNs, long notAfterNs = long.MaxValue)
    {
        var entries = _entries;
        for (var i = entries.Length - 1; i > 0; i--)
        {
            var monotonic = unixNs - entries[i].Offset.OffsetNs;
            if (monotonic > notAfterNs)
                continue;
            if (monotonic >= entries[i].SinceNs)
                return monotonic;
            if (unixNs - entries[i - 1].Offset.OffsetNs >= entries[i].Offset.MonotonicNs)
                return entries[i].Offset.MonotonicNs;
        }

        return unixNs - entries[0].Offset.OffsetNs;
    }
}
