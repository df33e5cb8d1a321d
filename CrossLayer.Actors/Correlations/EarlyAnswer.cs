using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// A server answered before it had read the whole request, and read the rest together with the next: the turn of direction
/// lies inside the request. Where the request begins is known, its record tells where it ends, and the next record has
/// room for what is left, the border between the two is moved there. Nothing else tells it: no payload is read.
/// </summary>
internal sealed class EarlyAnswer(RecordQueue records, ClaimMaker claims, long toleranceNs)
{
    /// <summary>The request that has the rest of this one; null if this one was not answered early as far as anybody says.</summary>
    internal RequestSlot? NextOf(RequestSlot slot, long nowNs) =>
        IsAnchored(slot) && Follower(slot) is { } next && Longer(slot, nowNs) is not null ? next : null;

    /// <summary>The request before, if it is not decided yet and this one may begin with the rest of it.</summary>
    internal RequestSlot? PreviousOf(RequestSlot slot, long nowNs)
    {
        var at = slot.Birth.Slots.IndexOf(slot) - 1;
        return at >= 0 && slot.Birth.Slots[at] is { IsHeld: false, IsSettled: true } previous && Follower(previous) == slot && Longer(previous, nowNs) is not null
            ? previous : null;
    }

    /// <summary>Moves the border; returns the request in its place, or null if the next request's record does not bear it out.</summary>
    internal IReadOnlyList<RequestSlot>? MoveBorder(RequestSlot slot, RequestSlot next, long nowNs)
    {
        if (next is not { IsSettled: true, IsClaimed: false, IsGone: false } || Longer(slot, nowNs) is not { } own)
            return null;
        var (one, other) = (slot.Traced!.Exchange, next.Traced!.Exchange);
        var end = one.Request.Start + own.Record.Record.RequestBytes!.Value;
        if (end >= other.Request.End || !Fitting(next, own.Record.Record.Role, nowNs).Any(waiting => waiting != own
            && waiting.Record.EndNs >= own.Record.EndNs && waiting.Record.Record.RequestBytes >= other.Request.End - end)
            || Fitting(next, own.Record.Record.Role, nowNs).Any(waiting => waiting.Record.Record.RequestBytes == other.Request.Length))
            return null;
        var birth = slot.Birth;
        return birth.Replace(birth.Slots.IndexOf(slot), 2, [(one.Request with { End = end }, one.Response), (other.Request with { Start = end }, other.Response)]);
    }

    /// <summary>
    /// True if a record counts more of the request than the turn has, and the rest may be in the next; or another number than the
    /// turn has, which may begin with the rest of a request that nobody reported.
    /// </summary>
    internal static bool IsBorderUnknown(List<RequestSlot> group, RequestRecord record)
    {
        if (record.Tls || record.OpensTunnel || record.RequestBytes is not { } request || !group.TrueForAll(slot => slot is { Id.IsServer: true, IsSettled: true }))
            return false;
        var length = group.Sum(slot => slot.Traced!.Exchange.Request.Length);
        return request != length && (!IsAnchored(group[0])
            || (group is [var one] && request > length && record.ResponseBytes == one.Traced!.Exchange.Response.Length && Follower(one) is not null));
    }

    private static bool IsAnchored(RequestSlot slot) => slot.Birth.AccountedTo == slot.RequestStart;

    private static RequestSlot? Follower(RequestSlot slot)
    {
        var at = slot.Birth.Slots.IndexOf(slot) + 1;
        return slot is { IsSettled: true, Id.IsServer: true } && at > 0 && at < slot.Birth.Slots.Count && slot.Birth.Slots[at] is { Id.IsServer: true } next
            && next.RequestStart == slot.Traced!.Exchange.Request.End && next.Traced?.Exchange.Response.Length != 0 ? next : null;
    }

    /// <summary>The one record that counts more of the request than its turn has, where none counts just as much.</summary>
    private WaitingRecord? Longer(RequestSlot slot, long nowNs)
    {
        if (slot.IsClaimed)
            return null;
        var length = slot.Traced!.Exchange.Request.Length;
        foreach (var role in (ReadOnlySpan<RequestRole>)[RequestRole.Server, RequestRole.Client])
        {
            var fitting = Fitting(slot, role, nowNs);
            if (fitting.Count == 0)
                continue;
            if (fitting.Exists(waiting => waiting.Record.Record.RequestBytes == length))
                return null;
            if (fitting.FindAll(waiting => waiting.Record.Record.RequestBytes > length) is [var one])
                return one;
        }

        return null;
    }

    /// <summary>The records that have the request's time, its place and the length of its response.</summary>
    private List<WaitingRecord> Fitting(RequestSlot slot, RequestRole role, long nowNs)
    {
        var fitting = records.Within(slot.StartNs - toleranceNs, slot.LastNs + toleranceNs, nowNs);
        if (fitting.Count == 0)
            return fitting;
        var (turn, around) = (slot.ToTurn(role == RequestRole.Server), new Neighbourhood([slot], []));
        var response = slot.Traced!.Exchange.Response.Length;
        fitting.RemoveAll(waiting => waiting.IsTaken
            || waiting.Record.Record is not { Tls: false, OpensTunnel: false, RequestBytes: not null } record || record.Role != role || record.ResponseBytes != response
            || (record.ConnectionRequest is { } place && slot.Ordinal != 0 && place != slot.Ordinal)
            || !Alignment.Agree(turn, claims.Make(waiting, around) with { RequestBytes = null, ResponseBytes = null }, toleranceNs));
        return fitting;
    }
}
