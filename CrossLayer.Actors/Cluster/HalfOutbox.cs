using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Cluster;

/// <summary>Halves that wait for being settled: when each is to be sent, and when it is old. Plain state; times are milliseconds of the caller's clock.</summary>
internal sealed class HalfOutbox(int lanes, int most)
{
    private const long AgainAfterMs = 3000;

    private readonly Dictionary<long, Waiting> _waiting = [];
    private readonly Dictionary<ConnectionKey, int> _connections = [];
    private readonly List<Waiting> _fresh = [];
    private long _number;

    internal int Count => _waiting.Count;

    /// <summary>Since when the oldest waits; null if none does.</summary>
    internal long? OldestMs => _waiting.Count == 0 ? null : _waiting.Values.Min(waiting => waiting.SinceMs);

    /// <summary>Something of the connection waits.</summary>
    internal bool Has(ConnectionKey connection) => _connections.ContainsKey(connection);

    /// <summary>Gives a half its number, and keeps it.</summary>
    /// <returns>False if there is no room.</returns>
    internal bool Add(RequestHalf half, long nowMs)
    {
        if (_waiting.Count >= most)
            return false;
        var waiting = new Waiting(half with { Number = ++_number }, nowMs);
        _waiting.Add(waiting.Half.Number, waiting);
        _connections[half.Connection] = _connections.GetValueOrDefault(half.Connection) + 1;
        _fresh.Add(waiting);
        return true;
    }

    internal void Settle(IEnumerable<long> numbers)
    {
        foreach (var number in numbers)
            if (_waiting.Remove(number, out var waiting))
                Forget(waiting);
    }

    /// <summary>What is to be sent now, by lane: what is new, and, marked so, what was sent a while ago and nobody has settled.</summary>
    internal IReadOnlyList<(int Lane, IReadOnlyList<RequestHalf> Halves, bool Again)> TakeToSend(long nowMs)
    {
        var again = _waiting.Values.Where(waiting => waiting.SentMs is { } sent && nowMs - sent >= AgainAfterMs).ToList();
        var fresh = _fresh.Where(waiting => !waiting.IsDone).ToList();
        _fresh.Clear();
        foreach (var waiting in fresh.Concat(again))
            waiting.SentMs = nowMs;
        return [.. Batches(fresh, false), .. Batches(again, true)];
    }

    /// <summary>Takes out what waits since before a time.</summary>
    internal IReadOnlyList<RequestHalf> TakeOlderThan(long ms)
    {
        var old = _waiting.Values.Where(waiting => waiting.SinceMs < ms).ToList();
        Settle(old.Select(waiting => waiting.Half.Number).ToList());
        return [.. old.Select(waiting => waiting.Half)];
    }

    private IEnumerable<(int, IReadOnlyList<RequestHalf>, bool)> Batches(List<Waiting> halves, bool again) => halves
        .GroupBy(waiting => ConnectionKey.Shard(waiting.Half.Connection.Low.Port, waiting.Half.Connection.High.Port, lanes))
        .Select(group => (group.Key, (IReadOnlyList<RequestHalf>)[.. group.Select(waiting => waiting.Half with { WaitedMs = waiting.SentMs!.Value - waiting.SinceMs })], again));

    private void Forget(Waiting waiting)
    {
        waiting.IsDone = true;
        var connection = waiting.Half.Connection;
        if (_connections[connection] == 1)
            _connections.Remove(connection);
        else
            _connections[connection]--;
    }

    private sealed class Waiting(RequestHalf half, long sinceMs)
    {
        internal RequestHalf Half => half;
        internal long SinceMs { get; } = sinceMs;
        internal long? SentMs { get; set; }
        internal bool IsDone { get; set; }
    }
}
