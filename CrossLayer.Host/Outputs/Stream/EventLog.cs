using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Outputs.Stream;

/// <summary>
/// The last correlations, numbered from 1. Readers come to it with the number they are at, each at its own pace: whoever is too far behind is
/// told how many it missed, and nobody holds up the writer. Memory is that of the last correlations, whatever the number of readers.
/// </summary>
/// <param name="capacity">How many are kept.</param>
internal sealed class EventLog(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Correlation[] _entries = new Correlation[capacity];
    private TaskCompletionSource _changed = Signal();
    private long _last;

    /// <summary>The number of the newest one; 0: none yet.</summary>
    public long Last
    {
        get
        {
            lock (_gate)
                return _last;
        }
    }

    /// <summary>Adds correlations and wakes readers.</summary>
    public void Append(IEnumerable<Correlation> correlations)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        TaskCompletionSource changed;
        lock (_gate)
        {
            var before = _last;
            foreach (var correlation in correlations)
                _entries[(int)(_last++ % capacity)] = correlation;
            if (_last == before)
                return;
            (changed, _changed) = (_changed, Signal());
        }

        changed.SetResult();
    }

    /// <summary>What follows a number.</summary>
    /// <param name="after">The number of the last one that the reader has.</param>
    /// <param name="most">The most to take at once.</param>
    /// <returns>How many are no longer there, and those that follow; and what completes when there are more.</returns>
    public (long Missed, IReadOnlyList<Correlation> Entries, Task More) Read(long after, int most)
    {
        lock (_gate)
        {
            var first = Math.Max(after, _last - capacity);
            var entries = new Correlation[Math.Min(most, _last - first)];
            for (var i = 0; i < entries.Length; i++)
                entries[i] = _entries[(int)((first + i) % capacity)];
            return (first - after, entries, _changed.Task);
        }
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
