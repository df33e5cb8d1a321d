using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Decides which records a due request has. The role whose records count bytes goes first, since they may show that what
/// the wire made one request is several, or the other way round; the other role is then placed on what came of it.
/// </summary>
internal sealed class RequestPlacer(RecordQueue records, UntimedRecords untimed, IReadOnlyList<ConnectionBirth> births, long toleranceNs, long settleNs)
{
    private const int MostNeighbours = 12;
    private static readonly Placement Sure = new(0, 1, 0, 1, 0, double.PositiveInfinity, 1);

    private readonly ClaimMaker _claims = new(births, toleranceNs);
    private readonly SureRecord _sure = new(births, toleranceNs);
    private readonly PlaceConflict _places = new(records, settleNs, new ClaimMaker(births, toleranceNs));

    /// <summary>Places a due request, and takes the records that it gets.</summary>
    internal PlacedRequest Place(RequestSlot slot, Neighbourhood around, long nowNs)
    {
        if (around.Records.Count == 0 && !untimed.Any)
            return PlacedRequest.Unclaimed;
        slot.Birth.IsTls |= around.Records.Exists(waiting => waiting.Record.Record.Tls);
        if (records.Sharing > 0 && around.Records.Exists(waiting => waiting.Record.Record.SharesConnection))
        {
            slot.Birth.IsShared = true;
            return PlacedRequest.Unclaimed;
        }

        if (slot.Birth is { IsTls: true, HandshakeTurns: null })
            slot.Birth.HandshakeTurns = HandshakeTurns.Find(slot.Birth, births, around.Records, toleranceNs, settleNs);
        var placing = new Placing([slot]);
        var clientFirst = !around.Records.Exists(waiting => HasBytes(waiting, RequestRole.Server))
            && around.Records.Exists(waiting => HasBytes(waiting, RequestRole.Client));
        PlaceRole(clientFirst ? RequestRole.Client : RequestRole.Server, placing, around, nowNs);
        if (placing.Slots[0] != slot)
            around = Around(placing.Slots[0], nowNs);
        PlaceRole(clientFirst ? RequestRole.Server : RequestRole.Client, placing, around, nowNs);
        return placing.Found.Count == 0 ? PlacedRequest.Unclaimed with { IsAmbiguous = placing.IsAmbiguous, IsUnsure = placing.IsUnsure } : placing.ToRequest();
    }

    /// <summary>The request, what is held just before it, and the others that its possible records overlap; and all their records.</summary>
    internal Neighbourhood Around(RequestSlot slot, long nowNs)
    {
        var own = records.Within(slot.StartNs - toleranceNs, Shifted(slot.LastNs, toleranceNs), nowNs);
        if (own.Count == 0)
            return new Neighbourhood([slot], own);
        var (start, end) = (slot.StartNs, slot.LastNs == long.MaxValue ? slot.StartNs : slot.LastNs);
        foreach (var waiting in own)
            (start, end) = (Math.Min(start, waiting.Record.StartNs ?? start), Math.Max(end, waiting.Record.EndNs ?? end));
        (start, end) = (start - toleranceNs, end + toleranceNs);

        var near = new List<RequestSlot>();
        // Births are in order of time, and so are the requests of each.
        foreach (var birth in births)
            AddNear(birth, slot, start, end, near);
        (start, end) = (near.Min(other => other.StartNs), near.Max(other => other.IsSettled ? other.LastNs : end));
        return new Neighbourhood(near, records.Within(start - toleranceNs, end + toleranceNs, nowNs));
    }

    /// <summary>
    /// A record whose clock was off by more than the tolerance, and the one request nearby that nobody reported and that has
    /// its place or its bytes; null if there is none, or more than one.
    /// </summary>
    internal PlacedRequest? LeftOver(WaitingRecord waiting)
    {
        if (FindLeftOver(waiting) is not [{ IsHeld: true } slot])
            return null;
        var matched = Sole(waiting, slot);
        return new PlacedRequest([slot], [waiting.Record.Record.Role == RequestRole.Server ? (null, matched) : (matched, null)], IsAmbiguous: false);
    }

    /// <summary>Takes the one record that can be a request's.</summary>
    internal MatchedRecord Sole(WaitingRecord waiting, RequestSlot slot)
    {
        records.Remove(waiting);
        slot.Birth.IsTls |= waiting.Record.Record.Tls;
        return new MatchedRecord(waiting.Record, Describe(waiting.Record.Record, slot, waiting.Record.Record.Role, inOrder: false, Sure));
    }

    /// <summary>A request that a record may be left over for is not decided yet.</summary>
    internal bool MayBeLeftOver(WaitingRecord waiting) => FindLeftOver(waiting).Exists(slot => !slot.IsHeld);

    private List<RequestSlot> FindLeftOver(WaitingRecord waiting)
    {
        var record = waiting.Record.Record;
        // Its place names one request; its bytes may be those of many, as they were if it was ambiguous before.
        if (record.ConnectionRequest is null && (waiting.Contenders > 0 || record is not { Tls: false, RequestBytes: not null, ResponseBytes: not null }))
            return [];
        if (record.Tls)
            foreach (var birth in births)
                birth.HandshakeTurns ??= HandshakeTurns.Find(birth, births, [waiting], toleranceNs, settleNs);
        // Before the first request of an encrypted connection there was its handshake, which no record names.
        var isFirst = record is { Tls: true, ConnectionRequest: 1 };
        var around = new Neighbourhood([.. births.SelectMany(birth => birth.Slots).Where(slot => !slot.IsClaimedBy(record.Role)
            && (record.ConnectionRequest is null ? !slot.IsContested : slot.Ordinal == 0 || isFirst || slot.Birth.Places.AreCertain(slot)))], []);
        if (around.Slots.Count == 0)
            return [];
        var server = record.Role == RequestRole.Server;
        var claim = _claims.Make(waiting, around);
        if (record.Tls && claim.Ordinal is null)
            return [];
        return around.Slots.FindAll(slot => Alignment.AgreeInPlace(slot.ToTurn(server), claim, settleNs)
            && (claim.Ordinal is not { } ordinal || slot.Ordinal == 0 || slot.Ordinal == ordinal));
    }

    /// <summary>The requests that a record overlaps, whatever else there is.</summary>
    internal List<RequestSlot> Overlapping(WaitingRecord waiting, long withinNs = 0) => [.. births.SelectMany(birth => birth.Slots)
        .Where(slot => slot.StartNs - withinNs <= waiting.Record.EndNs && Shifted(slot.LastNs, withinNs) >= waiting.Record.StartNs)];

    /// <summary>
    /// What passed on the connection in a record's time, give or take the tolerance: what a server reports as read and answered
    /// was read before and is written after, and other requests' bytes come between. Where that is nothing, what passed nearby.
    /// </summary>
    internal (Exchange? Client, Exchange? Server, int Candidates) SharedEvidence(WaitingRecord waiting, long nearbyNs)
    {
        var passed = Overlapping(waiting, toleranceNs).FindAll(slot => slot.IsSettled);
        if (passed.Count == 0)
            passed = Overlapping(waiting, nearbyNs).FindAll(slot => slot.IsSettled);
        foreach (var slot in passed)
            slot.Birth.IsShared = true;
        var server = passed.Where(slot => slot.Id.IsServer).Select(slot => slot.Traced!).ToList();
        var client = passed.Select(slot => slot.Id.IsServer ? slot.ClientView : slot.Traced).OfType<TracedExchange>().ToList();
        return (Joined(client), Joined(server), records.SharingWith(waiting));

        static Exchange? Joined(List<TracedExchange> parts) => parts.Count == 0 ? null : parts.Aggregate((one, next) => one.Join(next)).Exchange;
    }

    /// <summary>A record of either end names the request's place, and may be its own.</summary>
    internal bool IsNamed(RequestSlot slot, long nowNs) =>
        _places.HasRecord(slot, RequestRole.Server, nowNs) || _places.HasRecord(slot, RequestRole.Client, nowNs);

    private static bool HasBytes(WaitingRecord waiting, RequestRole role) =>
        waiting.Record.Record is { Tls: false, RequestBytes: not null, ResponseBytes: not null } record && record.Role == role;

    private static long Shifted(long ns, long byNs) => ns == long.MaxValue ? ns : ns + byNs;

    private static void AddNear(ConnectionBirth birth, RequestSlot slot, long startNs, long endNs, List<RequestSlot> near)
    {
        if (birth.Slots.Count == 0)
            return;
        var at = slot.Birth == birth ? birth.Slots.IndexOf(slot) : birth.Slots.Count - 1;
        var from = at;
        while (from > 0 && at - from < (birth.Slots[from - 1] is { IsHeld: true, IsClaimed: false } ? Alignment.MostTurns : MostNeighbours) && IsNear(birth.Slots[from - 1]))
            from--;
        for (var i = from; i < birth.Slots.Count && i <= at + MostNeighbours; i++)
        {
            if (birth.Slots[i] == slot || IsNear(birth.Slots[i]))
                near.Add(birth.Slots[i]);
            else if (i > at)
                return;
        }

        bool IsNear(RequestSlot other) => (other is { IsHeld: true, IsClaimed: false } && slot.Birth == birth) || (other.StartNs <= endNs && other.LastNs >= startNs);
    }

    private void PlaceRole(RequestRole role, Placing placing, Neighbourhood around, long nowNs)
    {
        for (var i = 0; i < placing.Slots.Count; i++)
        {
            var slot = placing.Slots[i];
            if (slot.IsClaimedBy(role) || placing.Found.ContainsKey((slot, role)))
                continue;
            if (untimed.Named(slot, role) is { } named)
            {
                slot.Birth.Places.Learn(slot, slot.Ordinal);
                placing.Found[(slot, role)] = Sole(named, slot);
                continue;
            }

            if (i > 0)
                around = Around(slot, nowNs);
            var candidates = around.Records.FindAll(waiting => waiting.Record.Record.Role == role && !waiting.IsTaken);
            if (candidates.Count == 0)
                continue;
            if (_sure.Find(slot, role, around, candidates) is { } sure)
            {
                slot.Birth.Places.Learn(slot, ClaimMaker.PlaceOf(sure.Record.Record, slot.Birth));
                placing.Found[(slot, role)] = new MatchedRecord(sure.Record, Describe(sure.Record.Record, slot, role, inOrder: true, Sure));
                records.Remove(sure);
                continue;
            }

            // In order, more than a few beyond the turns at hand cannot be theirs.
            if (candidates.Count > around.Slots.Count + (2 * MostNeighbours))
                candidates.RemoveRange(around.Slots.Count + (2 * MostNeighbours), candidates.Count - around.Slots.Count - (2 * MostNeighbours));
            var turns = around.Slots.ConvertAll(other => other.ToTurn(role == RequestRole.Server));
            var clockNs = ClaimMaker.ClockNs(around.Slots);
            var claims = candidates.ConvertAll(waiting => _claims.Make(waiting, around, clockNs));
            var placement = CautiousAlignment.Place(turns, around.Slots.IndexOf(slot), claims, slot.Birth.IsAdrift, slot.Birth.ClockOf(role).ReachNs(toleranceNs), toleranceNs);
            if (placement.IsAmbiguous || IsBorderUnknown(placement, around.Slots.GetRange(placement.FirstTurn, placement.TurnCount), candidates))
            {
                placing.IsAmbiguous = true;
                for (var k = 0; k < candidates.Count; k++)
                    candidates[k].Contenders = Math.Max(candidates[k].Contenders, Alignment.Candidates(turns, claims[k], toleranceNs));
            }
            else if (placement is { TurnCount: 1, ClaimCount: 1 } && _places.Of(slot, candidates[placement.FirstClaim], around, nowNs) is var conflict and not Conflict.None)
            {
                // Its own record is found by its place when the record's last chance comes.
                placing.IsUnsure |= conflict == Conflict.Unsure;
                if (conflict == Conflict.Unsure)
                    candidates[placement.FirstClaim].Contenders = Math.Max(2, candidates[placement.FirstClaim].Contenders);
            }
            else if (placement.ClaimCount > 0)
            {
                slot.Birth.FindOrder(slot);
                Take(role, placing, slot, around.Slots.GetRange(placement.FirstTurn, placement.TurnCount),
                    InPlace(candidates.GetRange(placement.FirstClaim, placement.ClaimCount)), turns.Count == claims.Count && turns.Count > 1, placement);
            }
        }
    }

    private static bool IsBorderUnknown(Placement placement, List<RequestSlot> group, List<WaitingRecord> candidates) =>
        placement.ClaimCount == 1 && EarlyAnswer.IsBorderUnknown(group, candidates[placement.FirstClaim].Record.Record);

    private void Take(RequestRole role, Placing placing, RequestSlot slot, List<RequestSlot> group, List<WaitingRecord> taken, bool inOrder, Placement placement)
    {
        if (group.Count > 1 || taken.Count > 1)
        {
            // Where requests were regrouped for one role's records already, the other's follow them.
            var found = placing.Found.ToList();
            if (found.Count > 0 && !(placing.Slots is [var one] && one == group[0] && taken.Count == 1 && group.TrueForAll(part => part == one || IsRest(part))))
                return;
            placing.Slots = Regroup(group, taken);
            // One end counted the request as it was when it was answered, the other with what still came of it.
            placing.Found.Clear();
            found.ForEach(known => placing.Found[(placing.Slots[0], known.Key.Item2)] = known.Value);
        }

        for (var k = 0; k < taken.Count; k++)
        {
            var own = taken.Count > 1 || group.Count > 1 ? placing.Slots[k] : slot;
            placing.Found[(own, role)] = new MatchedRecord(taken[k].Record, Describe(taken[k].Record.Record, own, role, inOrder, placement));
            own.Birth.Places.Learn(own, ClaimMaker.PlaceOf(taken[k].Record.Record, own.Birth));
            records.Remove(taken[k]);
        }
    }

    /// <summary>Records that share what the wire made one request, as they name their places: an application may finish with an earlier one later.</summary>
    private static List<WaitingRecord> InPlace(List<WaitingRecord> taken) =>
        taken.TrueForAll(waiting => waiting.Record.Record.ConnectionRequest is not null) ? [.. taken.OrderBy(waiting => waiting.Record.Record.ConnectionRequest)] : taken;

    private static bool IsRest(RequestSlot slot) => slot is { IsClaimed: false, Traced.Exchange.Response.Length: 0 };

    private static IReadOnlyList<RequestSlot> Regroup(List<RequestSlot> group, List<WaitingRecord> taken)
    {
        var birth = group[0].Birth;
        var (first, last) = (group[0].Traced!.Exchange, group[^1].Traced!.Exchange);
        var parts = new List<(ByteRange, ByteRange)>();
        var (request, response) = (first.Request.Start, first.Response.Start);
        for (var i = 0; i < taken.Count; i++)
        {
            var record = taken[i].Record.Record;
            var (requestEnd, responseEnd) = i == taken.Count - 1 ? (last.Request.End, last.Response.End)
                : (request + record.RequestBytes!.Value, response + record.ResponseBytes!.Value);
            parts.Add((new ByteRange(request, requestEnd), new ByteRange(response, responseEnd)));
            (request, response) = (requestEnd, responseEnd);
        }

        return birth.Replace(birth.Slots.IndexOf(group[0]), group.Count, parts);
    }

    private static Match Describe(RequestRecord record, RequestSlot slot, RequestRole role, bool inOrder, Placement placement)
    {
        var turn = slot.ToTurn(role == RequestRole.Server);
        var method = record.SocketCookie is { } cookie && cookie == turn.Cookie ? MatchMethod.Cookie
            : !record.Tls && record is not { RequestBytes: null, ResponseBytes: null } && (record.RequestBytes ?? turn.RequestBytes) == turn.RequestBytes
                && (record.ResponseBytes ?? turn.ResponseBytes) == turn.ResponseBytes ? MatchMethod.TupleBytes
            : (ClaimMaker.PlaceOf(record, slot.Birth) is { } ordinal && ordinal == turn.Ordinal) || inOrder ? MatchMethod.TupleOrder
            : MatchMethod.TupleTime;
        return new Match(method, 1, MatchConfidence.Of(method, placement.Margin));
    }

    /// <summary>What is found while a request is placed.</summary>
    private sealed class Placing(IReadOnlyList<RequestSlot> slots)
    {
        internal IReadOnlyList<RequestSlot> Slots { get; set; } = slots;
        internal Dictionary<(RequestSlot, RequestRole), MatchedRecord> Found { get; } = [];
        internal bool IsAmbiguous { get; set; }
        internal bool IsUnsure { get; set; }

        internal PlacedRequest ToRequest() => new(Slots,
            [.. Slots.Select(own => (Found.GetValueOrDefault((own, RequestRole.Client)), Found.GetValueOrDefault((own, RequestRole.Server))))],
            IsAmbiguous)
        { IsUnsure = IsUnsure };
    }
}

/// <summary>Requests that compete for records, in order, and the records, in order.</summary>
internal readonly record struct Neighbourhood(List<RequestSlot> Slots, List<WaitingRecord> Records);

/// <summary>What became of a request.</summary>
/// <param name="Slots">The requests that are decided: one, or as many as it was cut into; none if nobody reports it.</param>
/// <param name="Claims">The records of each.</param>
/// <param name="IsAmbiguous">Records fit it and others equally well.</param>
internal sealed record PlacedRequest(
    IReadOnlyList<RequestSlot> Slots, IReadOnlyList<(MatchedRecord? Client, MatchedRecord? Server)> Claims, bool IsAmbiguous)
{
    /// <summary>A record's time says one thing, its place another.</summary>
    public bool IsUnsure { get; init; }

    internal static PlacedRequest Unclaimed { get; } = new([], [], IsAmbiguous: false);
}
