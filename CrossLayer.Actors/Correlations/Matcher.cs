using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Finds the window that a record belongs to. Where more than one fits, none is taken: ambiguous is an answer.
/// </summary>
/// <remarks>The confidences are ranks by strength of evidence; they are not yet calibrated against a measurement.</remarks>
internal static class Matcher
{
    /// <summary>The windows that fit equally well; the record belongs to one only if it is the only one.</summary>
    internal static (IReadOnlyList<WindowSlot> Candidates, Match Match) Find(TimedRecord record, IEnumerable<WindowSlot> slots, long toleranceNs)
    {
        var role = record.Record.Role;
        var candidates = slots.Where(slot => slot.Side(role) is not null && !slot.HasRecordOf(role)).ToList();

        var cookie = record.Record.SocketCookie;
        var byCookie = cookie is null ? [] : candidates.Where(slot => slot.Side(role)!.Id is var id && id.SocketCookie == cookie
            && id.IsServer == (role == RequestRole.Server)).ToList();
        // A cookie that names another socket of the same end rules the exchange out.
        candidates = byCookie.Count > 0 ? byCookie
            : candidates.Where(slot => cookie is null || slot.Side(role)!.Id.IsServer != (role == RequestRole.Server)).ToList();

        candidates = candidates.Where(slot => Overlaps(record, slot.Side(role)!, toleranceNs)).ToList();
        if (candidates.Count > 1 && record.Record.ConnectionRequest is { } ordinal)
            candidates = Narrow(candidates, slot => slot.Side(role)!.Id.Ordinal == ordinal);
        if (candidates.Count > 1)
            candidates = Narrow(candidates, slot => BytesAgree(record.Record, slot.Side(role)!) == true);

        return (candidates, candidates.Count == 1
            ? Describe(record.Record, candidates[0].Side(role)!, byCookie.Count > 0)
            : new Match(MatchMethod.None, candidates.Count, 0));
    }

    private static List<WindowSlot> Narrow(List<WindowSlot> candidates, Predicate<WindowSlot> fits)
    {
        var narrowed = candidates.FindAll(fits);
        return narrowed.Count > 0 ? narrowed : candidates;
    }

    private static bool Overlaps(TimedRecord record, ExchangeSide side, long toleranceNs) =>
        record is not { StartNs: { } start, EndNs: { } end }
        || (start - toleranceNs <= side.EndNs && end + toleranceNs >= side.StartNs);

    /// <summary>Null where the record gives no byte counts, or the exchange still goes on.</summary>
    private static bool? BytesAgree(RequestRecord record, ExchangeSide side)
    {
        if (side.Exchange is not { } exchange || (record.RequestBytes is null && record.ResponseBytes is null))
            return null;
        return (record.RequestBytes is null || record.RequestBytes == exchange.Request.Length)
            && (record.ResponseBytes is null || record.ResponseBytes == exchange.Response.Length);
    }

    private static Match Describe(RequestRecord record, ExchangeSide side, bool byCookie)
    {
        if (byCookie)
            return new Match(MatchMethod.Cookie, 1, 0.99);
        if (BytesAgree(record, side) == true)
            return new Match(MatchMethod.TupleBytes, 1, 0.97);
        return record.ConnectionRequest == side.Id.Ordinal
            ? new Match(MatchMethod.TupleOrder, 1, 0.95)
            : new Match(MatchMethod.TupleTime, 1, 0.9);
    }
}
