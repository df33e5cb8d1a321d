using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>Makes claims of records: what of them can be compared with the requests at hand, and how exactly.</summary>
internal sealed class ClaimMaker(IReadOnlyList<ConnectionBirth> births, long toleranceNs)
{
    /// <summary>What TLS adds to plaintext at least: a header, and the shortest tag that there is (RFC 8446, 5.2; RFC 6655, 6.1).</summary>
    private const int LeastTlsBytes = 5 + 8;

    private const double LeastClockNs = 20_000;
    private const double MostClockNs = 500_000;

    /// <summary>The record as a claim; <paramref name="clockNs"/> from <see cref="ClockNs"/>.</summary>
    internal Claim Make(WaitingRecord waiting, Neighbourhood around, double clockNs = MostClockNs)
    {
        var record = waiting.Record.Record;
        return new Claim(waiting.Record.StartNs, waiting.Record.EndNs, record.Tls ? null : record.RequestBytes, record.Tls ? null : record.ResponseBytes,
            PlaceOf(record, around), record.SocketCookie, BirthOf(record), (record.ResolutionMs ?? 0) * 1e6, clockNs + ((record.ResolutionMs ?? 0) * 1e6),
            record.OpensTunnel, OuterOf(waiting.Record, around.Slots))
        {
            Least = LeastOf(record),
        };
    }

    /// <summary>The turn of a connection that a record names; null if it names none, or if it is not known which turns were the handshake's.</summary>
    internal static int? PlaceOf(RequestRecord record, ConnectionBirth birth) =>
        record.Tls ? record.ConnectionRequest + birth.HandshakeTurns : record.ConnectionRequest;

    /// <summary>The bytes that a record's request and response have at least, inside TLS; 0 where that is not known.</summary>
    internal static (long Request, long Response) LeastOf(RequestRecord record) =>
        record.Tls ? (Encrypted(record.RequestBytes), Encrypted(record.ResponseBytes)) : default;

    private static long Encrypted(long? bytes) => bytes is > 0 and { } count ? count + LeastTlsBytes : 0;

    private static int? PlaceOf(RequestRecord record, Neighbourhood around) =>
        !record.Tls || around.Slots.TrueForAll(slot => slot.Birth == around.Slots[0].Birth) ? PlaceOf(record, around.Slots[0].Birth) : null;

    private int? BirthOf(RequestRecord record)
    {
        if (record.SocketCookie is not { } cookie)
            return null;
        foreach (var birth in births)
            if (birth.CookieOf(record.Role == RequestRole.Server) == cookie)
                return birth.Number;
        return null;
    }

    /// <summary>Whether it overlaps the request before those at hand, or the one after.</summary>
    private Outer OuterOf(TimedRecord record, List<RequestSlot> near)
    {
        if (record is not { StartNs: { } start, EndNs: { } end })
            return Outer.None;
        var (before, after) = (near[0].Birth.Slots, near[^1].Birth.Slots);
        var first = before.IndexOf(near[0]);
        var last = after.IndexOf(near[^1]);
        return (first > 0 && before[first - 1].LastNs >= start - toleranceNs ? Outer.Before : Outer.None)
            | (last + 1 < after.Count && after[last + 1].StartNs <= end + toleranceNs ? Outer.After : Outer.None);
    }

    /// <summary>
    /// How far an application's clock reading and the kernel's may lie apart: a quarter of the time from one request to the
    /// next, since both grow with the load; within what is seen on idle and on busy machines.
    /// </summary>
    internal static double ClockNs(List<RequestSlot> near)
    {
        if (near.Count < 2)
            return MostClockNs;
        var gaps = near.Zip(near.Skip(1), (one, next) => Math.Max(0, next.StartNs - one.StartNs)).Order().ToList();
        return Math.Clamp(gaps[gaps.Count / 2] / 4.0, LeastClockNs, MostClockNs);
    }
}
