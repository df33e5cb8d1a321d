using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Histories;

/// <summary>
/// The clock of an event loop: read once a turn and cut to the millisecond, as nginx does it. Now and then turns take
/// long, and until each ends the clock stands still.
/// </summary>
internal sealed class LaggingClock
{
    private const long TickNs = 1_000_000;

    private readonly List<(long FromNs, long ToNs)> _stops = [];

    /// <summary>A clock that stops now and then, for 6 to 40 ms or several times for 6 to 12 ms one after another.</summary>
    public LaggingClock(Random random, long untilNs)
    {
        for (var at = random.NextInt64(30_000_000); at < untilNs; at += random.NextInt64(20_000_000, 200_000_000))
        {
            var (turns, mostNs) = random.Next(2) == 0 ? (1, 40_000_000) : (random.Next(2, 8), 12_000_000);
            for (var i = 0; i < turns; i++)
            {
                var to = at + random.NextInt64(6_000_000, mostNs);
                _stops.Add((at, to));
                at = to;
            }
        }
    }

    /// <summary>What the clock shows.</summary>
    public long Read(long ns)
    {
        foreach (var (from, to) in _stops)
            if (ns >= from && ns < to)
                ns = from;
        return ns / TickNs * TickNs;
    }

    /// <summary>The server's record as this clock times it.</summary>
    public TimedRecord Record(Told told, Reporting reporting)
    {
        var (start, end) = (Read(told.ServerStartNs), Read(told.ServerEndNs));
        var record = told.Record(RequestRole.Server, reporting, clockNs: 0);
        return new TimedRecord(record.Record with { StartUnixNs = start, LatencyMs = (end - start) / 1e6, ResolutionMs = 1 }, start);
    }
}
