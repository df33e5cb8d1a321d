using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// What the kernel saw on a request's connection, at both ends of it, while the request was there. The kernel knows no requests:
/// that it is this one is told by the record's endpoints, or its socket's cookie, and its time.
/// </summary>
/// <param name="Request">The request.</param>
/// <param name="FromUnixNs">Its start: nanoseconds since the Unix epoch.</param>
/// <param name="During">The events, dated, in order of time.</param>
/// <param name="Before">What was last seen of the connection's sockets before, by cookie.</param>
internal sealed record RequestEvents(
    RequestId Request, long FromUnixNs, ArraySegment<DatedKernelEvent> During, IReadOnlyDictionary<ulong, DatedKernelEvent> Before)
{
    /// <summary>What comes so long after a request's end still counts for it, unless the next one of its connection has begun.</summary>
    public static readonly TimeSpan Afterwards = TimeSpan.FromMilliseconds(500);

    private const int Ends = 2;

    /// <summary>The requests of an episode that anything was seen of, as their clients report them, or else their servers.</summary>
    /// <remarks>
    /// A request that names no connection, such as one that got none, has the events of all connections that no record names.
    /// </remarks>
    public static IEnumerable<RequestEvents> Of(EpisodeInput episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        var (connections, byCookie) = Sort(episode);
        var requests = Requests(episode).ToLookup(record => KeyOf(record, byCookie));
        var unnamed = connections.Where(connection => !requests.Contains(connection.Key)).SelectMany(connection => connection.Value)
            .OrderBy(dated => dated.UnixNs).ToArray();
        foreach (var onConnection in requests)
        {
            var events = onConnection.Key is not { } key ? unnamed : connections.GetValueOrDefault(key, []);
            var ordered = onConnection.OrderBy(record => record.StartUnixNs).ToList();
            for (var i = 0; i < ordered.Count; i++)
            {
                var (from, end) = (ordered[i].StartUnixNs!.Value, ordered[i].EndUnixNs!.Value);
                var until = end + (long)Afterwards.TotalNanoseconds;
                if (onConnection.Key is not null && i + 1 < ordered.Count)
                    until = Math.Max(end, Math.Min(until, ordered[i + 1].StartUnixNs!.Value - 1));
                // The wall times of records and of events are as exact as the clock's history.
                if (Cut(events, from - ClockHistory.ToleranceNs, until) is { Count: > 0 } during)
                    yield return new RequestEvents(ordered[i].RequestId, from, during, Last(events, during.Offset));
            }
        }
    }

    private static IEnumerable<RequestRecord> Requests(EpisodeInput episode)
    {
        var reported = episode.ClientRecords.Select(record => record.RequestId).ToHashSet();
        return episode.ClientRecords.Concat(episode.ServerRecords.Where(record => !reported.Contains(record.RequestId)))
            .Where(record => record.StartUnixNs is not null);
    }

    private static ConnectionKey? KeyOf(RequestRecord record, Dictionary<ulong, ConnectionKey> byCookie)
    {
        if (record is { Local: { } local, Peer: { } peer })
            return ConnectionKey.Of(local, peer);
        return record.SocketCookie is { } cookie && byCookie.TryGetValue(cookie, out var key) ? key : null;
    }

    private static (Dictionary<ConnectionKey, DatedKernelEvent[]> Connections, Dictionary<ulong, ConnectionKey> ByCookie) Sort(EpisodeInput episode)
    {
        var clock = new EpisodeClock(episode.KernelEvents);
        var events = new Dictionary<ConnectionKey, List<DatedKernelEvent>>();
        var byCookie = new Dictionary<ulong, ConnectionKey>();
        foreach (var dated in episode.KernelEvents)
        {
            if (!dated.Event.IsOfKernel)
                continue;
            var key = ConnectionKey.Of(dated.Event.Local, dated.Event.Peer);
            if (!events.TryGetValue(key, out var ofConnection))
                events.Add(key, ofConnection = []);
            ofConnection.Add(dated with { UnixNs = clock.UnixNsOf(in dated) });
            if (dated.Event.SocketCookie != 0)
                byCookie[dated.Event.SocketCookie] = key;
        }

        return (events.ToDictionary(pair => pair.Key, pair => pair.Value.OrderBy(dated => dated.UnixNs).ToArray()), byCookie);
    }

    private static ArraySegment<DatedKernelEvent> Cut(DatedKernelEvent[] events, long fromUnixNs, long untilUnixNs)
    {
        var first = FirstFrom(events, fromUnixNs);
        return new ArraySegment<DatedKernelEvent>(events, first, Math.Max(0, FirstFrom(events, untilUnixNs + 1) - first));
    }

    private static int FirstFrom(DatedKernelEvent[] events, long unixNs)
    {
        var (low, high) = (0, events.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = events[middle].UnixNs < unixNs ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>A connection has two sockets: those before these are of an older one, and do not matter.</summary>
    private static Dictionary<ulong, DatedKernelEvent> Last(DatedKernelEvent[] events, int before)
    {
        var last = new Dictionary<ulong, DatedKernelEvent>();
        for (var i = before - 1; i >= 0 && last.Count < Ends; i--)
            if (events[i].Event.SocketCookie != 0)
                last.TryAdd(events[i].Event.SocketCookie, events[i]);
        return last;
    }
}
