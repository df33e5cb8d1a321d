using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Records without a time. They have no order among others: names carry none, and that of their file is not known to be one of
/// requests. One gets the request that its cookie, its place and its bytes name, when that is due; else, at the end of all input, the only one
/// that its connection had and that its place or its bytes leave; where there were several, it gets none.
/// </summary>
internal sealed class UntimedRecords(RecordQueue records, IReadOnlyList<ConnectionBirth> births, ClaimMaker claims)
{
    /// <summary>What the kernel's evidence covers by now.</summary>
    internal Coverage Coverage { get; set; } = Coverage.None;

    internal bool Any => records.Untimed > 0;

    /// <summary>The one record with the cookie of the request's socket, its place on that, and its bytes; null if there is none, or more than one.</summary>
    internal WaitingRecord? Named(RequestSlot slot, RequestRole role)
    {
        if (!Any || slot.Ordinal == 0 || !slot.IsSettled)
            return null;
        var turn = slot.ToTurn(role == RequestRole.Server);
        if (turn.Cookie is not { } cookie || !IsSeenWhole(slot, slot.LastNs))
            return null;
        WaitingRecord? found = null;
        foreach (var waiting in records.WithoutTime())
        {
            var record = waiting.Record.Record;
            if (record.Role != role || record.SocketCookie != cookie || ClaimMaker.PlaceOf(record, slot.Birth) != slot.Ordinal)
                continue;
            if (found is not null)
                return null;
            found = waiting;
        }

        return found is not null && claims.Make(found, Alone(slot)) is { HasBytes: true } claim && IsSure(slot, claim) && Alignment.Agree(turn, claim, 0) ? found : null;
    }

    /// <summary>A request closes that nobody reported: a record may have been its own.</summary>
    internal void NoteLetGo(RequestSlot slot)
    {
        if (!Any || !slot.IsSettled)
            return;
        var around = Alone(slot);
        foreach (var waiting in records.WithoutTime())
            waiting.LetGo += Fits(slot, waiting.Record.Record.Role, claims.Make(waiting, around)) ? 1 : 0;
    }

    /// <summary>At the end of all input: the requests that are left, and the records that are theirs.</summary>
    internal IReadOnlyList<(RequestSlot Slot, WaitingRecord Record)> Place()
    {
        if (!Any)
            return [];
        var furthest = new Dictionary<ConnectionBirth, int>();
        foreach (var birth in births)
            furthest.Add(birth, records.WithoutTime().Max(waiting => ClaimMaker.PlaceOf(waiting.Record.Record, birth) is { } place && MayBeOf(waiting, birth) ? place : 0));
        var only = new Dictionary<(RequestSlot Slot, RequestRole Role), List<WaitingRecord>>();
        foreach (var waiting in records.WithoutTime())
        {
            var (count, slot) = Fitting(waiting, furthest);
            waiting.Contenders = Math.Max(waiting.Contenders, count + waiting.LetGo);
            if (slot is null || count + waiting.LetGo != 1 || slot.Ordinal == 0 || !IsSeenWhole(slot, long.MaxValue))
                continue;
            if (only.TryGetValue((slot, waiting.Record.Record.Role), out var others))
                others.Add(waiting);
            else
                only.Add((slot, waiting.Record.Record.Role), [waiting]);
        }

        return [.. only.Where(pair => pair.Value.Count == 1).Select(pair => (pair.Key.Slot, pair.Value[0]))];
    }

    private static bool MayBeOf(WaitingRecord waiting, ConnectionBirth birth) => waiting.Record.Record.SocketCookie is not { } cookie
        || birth.CookieOf(waiting.Record.Record.Role == RequestRole.Server) is not { } own || cookie == own;

    private static Neighbourhood Alone(RequestSlot slot) => new([slot], []);

    /// <summary>How many requests a record fits, and one of them.</summary>
    private (int Count, RequestSlot? Slot) Fitting(WaitingRecord waiting, Dictionary<ConnectionBirth, int> furthest)
    {
        var role = waiting.Record.Record.Role;
        var (count, found) = (0, default(RequestSlot));
        foreach (var birth in births)
        {
            if (birth.Slots.Count == 0)
                continue;
            var claim = claims.Make(waiting, Alone(birth.Slots[0]));
            if (!claim.HasBytes && furthest[birth] > birth.LastOrdinal)
                claim = claim with { Ordinal = null };
            if (claim.Ordinal is { } place && birth.Slots.Find(slot => slot.Ordinal == place) is { } named && IsSure(named, claim))
            {
                (count, found) = Fits(named, role, claim) ? (count + 1, named) : (count, found);
                continue;
            }

            foreach (var slot in birth.Slots)
                (count, found) = Fits(slot, role, claim) ? (count + 1, slot) : (count, found);
        }

        return (count, found);
    }

    private static bool Fits(RequestSlot slot, RequestRole role, Claim claim) => slot.IsSettled && !slot.IsClaimedBy(role)
        && !(slot.Birth.IsTls && slot.Ordinal > 0 && slot.Ordinal <= slot.Birth.HandshakeTurns)
        && (claim.Ordinal is not { } place || place == slot.Ordinal || !IsSure(slot, claim))
        && Alignment.Agree(slot.ToTurn(role == RequestRole.Server), claim, 0);

    /// <summary>
    /// The request has the place that it seems to have. Where no bytes bear it out, none up to it may have been half of one: no
    /// time tells that two turns were one request. (That one turn was several is told by records that name more places than there are turns.)
    /// </summary>
    private static bool IsSure(RequestSlot slot, Claim claim) => slot.Birth.Places.AreCertain(slot) && (claim.HasBytes || !slot.Birth.HasShortTurnUntil(slot.Ordinal));

    /// <summary>Nothing was lost since the connection's start: what there was is known, and how many.</summary>
    private bool IsSeenWhole(RequestSlot slot, long untilNs) =>
        !Coverage.Losses.Any(loss => loss.EndNs >= slot.Birth.HandshakeNs && loss.StartNs <= untilNs);
}
