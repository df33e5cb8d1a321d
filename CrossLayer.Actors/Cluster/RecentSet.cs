namespace CrossLayer.Actors.Cluster;

/// <summary>Remembers for a while: two sets, of which the older is dropped when the newer has grown old.</summary>
internal sealed class RecentSet<T>
{
    private HashSet<T> _newer = [];
    private HashSet<T> _older = [];
    private long _sinceMs = long.MinValue;

    internal bool Contains(T item) => _newer.Contains(item) || _older.Contains(item);

    internal void Add(T item, long nowMs)
    {
        if (_newer.Count == 0)
            _sinceMs = nowMs;
        _newer.Add(item);
    }

    /// <summary>Forgets what was added longer ago than twice so long; never what was added later than so long ago.</summary>
    internal void Forget(long nowMs, TimeSpan after)
    {
        if (_newer.Count + _older.Count == 0 || nowMs - _sinceMs < after.TotalMilliseconds)
            return;
        (_older, _newer, _sinceMs) = (_newer, [], nowMs);
    }
}
