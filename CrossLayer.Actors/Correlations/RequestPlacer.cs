using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Decides which records a due request has. The role whose records count bytes goes first, since they may show that what
/// the wire made one request is several, or the other way round; the other role is then placed on what came of it.
/// </summary>
internal sealed class RequestPlacer(RecordQueue records, IReadOnlyList<ConnectionBirth> births, long toleranceNs)
{
    private const int MostNeighbours = 12;
    private const double LeastClockNs = 20_000;
    private const double MostClockNs = 500_000;
    private static readonly Placement Sure = new(0, 1, 0, 1, 0, double.PositiveInfinity, 1);

    /// <summary>Places a due request, and takes the records that it gets.</summary>
    internal PlacedRequest Place(RequestSlot slot, Neighbourhood around, long nowNs)
    {
        if (around.Records.Count == 0)
            return PlacedRequest.Unclaimed;
        slot.Birth.IsTls |= around.Records.Exists(waiting => waiting.Record.Record.Tls);
        if (records.Sharing > 0 && around.Records.Exists(waiting => waiting.Record.Record.SharesConnection))
        {
            slot.Birth.IsShared = true;
            return PlacedRequest.Unclaimed;
        }

        var placing = new Placing([slot]);
        var clientFirst = !around.Records.Exists(waiting => HasBytes(waiting, RequestRole.Server))
            && around.Records.Exists(waiting => HasBytes(waiting, RequestRole.Client));
        PlaceRole(clientFirst ? RequestRole.Client : RequestRole.Server, placing, around, nowNs);
        if (placing.Slots[0] != slot)
            around = Around(placing.Slots[0], nowNs);
        PlaceRole(clientFirst ? RequestRole.Server : RequestRole.Client, placing, around, nowNs);
        return placing.Found.Count == 0 ? PlacedRequest.Unclaimed with { IsAmbiguous = placing.IsAmbiguous } : placing.ToRequest();
    }

    /// <summary>The request, what is held just before it, and the others that its possible records overlap; and all their records.</summary>
    internal Neighbourhood Around(RequestSlot slot, long nowNs)
    {
        var own = records.Within(slot.StartNs - toleranceNs, Shifted(slot.LastNs, toleranceNs), nowNs).ToList();
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
        return new Neighbourhood(near, [.. records.Within(start - toleranceNs, end + toleranceNs, nowNs)]);
    }

    /// <summary>
    /// A record whose clock was off by more than the tolerance, and the one request nearby that nobody reported and that has
    /// its place or its bytes; null if there is none, or more than one.
    /// </summary>
    internal PlacedRequest? LeftOver(WaitingRecord waiting, long withinNs)
    {
        var record = waiting.Record.Record;
        if (record.ConnectionRequest is null && record is not { Tls: false, RequestBytes: not null, ResponseBytes: not null })
            return null;
        var around = new Neighbourhood([.. births.SelectMany(birth => birth.Slots).Where(slot => slot.IsHeld && !slot.IsContested)], []);
        if (around.Slots.Count == 0)
            return null;
        var server = record.Role == RequestRole.Server;
        var fitting = around.Slots.FindAll(slot => Alignment.Agree(slot.ToTurn(server), ToClaim(waiting, around), withinNs)
            && (record.ConnectionRequest is not { } ordinal || slot.Ordinal == 0 || slot.Ordinal == ordinal));
        if (fitting is not [var slot])
            return null;
        records.Remove(waiting);
        var matched = new MatchedRecord(waiting.Record, Describe(record, slot, record.Role, inOrder: false, Sure));
        return new PlacedRequest([slot], [server ? (null, matched) : (matched, null)], IsAmbiguous: false);
    }

    /// <summary>The requests that a record overlaps, whatever else there is.</summary>
    internal List<RequestSlot> Overlapping(WaitingRecord waiting) =>
        [.. births.SelectMany(birth => birth.Slots).Where(slot => slot.StartNs <= waiting.Record.EndNs && slot.LastNs >= waiting.Record.StartNs)];

    /// <summary>What passed on the connection in a record's time.</summary>
    internal (Exchange? Client, Exchange? Server, int Candidates) SharedEvidence(WaitingRecord waiting)
    {
        var passed = Overlapping(waiting).FindAll(slot => slot.IsSettled);
        var server = passed.Where(slot => slot.Id.IsServer).Select(slot => slot.Traced!).ToList();
        var client = passed.Select(slot => slot.Id.IsServer ? slot.ClientView : slot.Traced).OfType<TracedExchange>().ToList();
        var others = records.All.Count(other => other != waiting && other.Record.Record.Role == waiting.Record.Record.Role
            && other.Record.StartNs <= waiting.Record.EndNs && other.Record.EndNs >= waiting.Record.StartNs);
        return (Joined(client), Joined(server), others + 1);

        static Exchange? Joined(List<TracedExchange> parts) => parts.Count == 0 ? null : parts.Aggregate((one, next) => one.Join(next)).Exchange;
    }

    private static bool HasBytes(WaitingRecord waiting, RequestRole role) =>
        waiting.Record.Record is { Tls: false, RequestBytes: not null, ResponseBytes: not null } record && record.Role == role;

    private static long Shifted(long ns, long byNs) => ns == long.MaxValue ? ns : ns + byNs;

    private static void AddNear(ConnectionBirth birth, RequestSlot slot, long startNs, long endNs, List<RequestSlot> near)
    {
        if (birth.Slots.Count == 0)
            return;
        var at = slot.Birth == birth ? birth.Slots.IndexOf(slot) : birth.Slots.Count - 1;
        var from = at;
        while (from > 0 && (at - from < MostNeighbours || birth.Slots[from - 1].IsHeld) && IsNear(birth.Slots[from - 1]))
            from--;
        for (var i = from; i < birth.Slots.Count && i <= at + MostNeighbours; i++)
        {
            if (birth.Slots[i] == slot || IsNear(birth.Slots[i]))
                near.Add(birth.Slots[i]);
            else if (i > at)
                return;
        }

        bool IsNear(RequestSlot other) => (other.IsHeld && slot.Birth == birth) || (other.StartNs <= endNs && other.LastNs >= startNs);
    }

    private void PlaceRole(RequestRole role, Placing placing, Neighbourhood around, long nowNs)
    {
        for (var i = 0; i < placing.Slots.Count; i++)
        {
            var slot = placing.Slots[i];
            if (placing.Found.ContainsKey((slot, role)))
                continue;
            if (i > 0)
                around = Around(slot, nowNs);
            var candidates = around.Records.FindAll(waiting => waiting.Record.Record.Role == role && !waiting.IsTaken);
            if (candidates.Count == 0)
                continue;
            if ((ByOrdinal(slot, role, around, candidates) ?? ByBytes(slot, role, around, candidates)) is { } own)
            {
                placing.Found[(slot, role)] = new MatchedRecord(own.Record, Describe(own.Record.Record, slot, role, inOrder: true, Sure));
                records.Remove(own);
                continue;
            }

            // In order, more than a few beyond the turns at hand cannot be theirs.
            if (candidates.Count > around.Slots.Count + (2 * MostNeighbours))
                candidates.RemoveRange(around.Slots.Count + (2 * MostNeighbours), candidates.Count - around.Slots.Count - (2 * MostNeighbours));
            var turns = around.Slots.ConvertAll(other => other.ToTurn(role == RequestRole.Server));
            var clockNs = ClockNs(around.Slots);
            var claims = candidates.ConvertAll(waiting => ToClaim(waiting, around, clockNs));
            var placement = Alignment.Place(turns, claims, around.Slots.IndexOf(slot), toleranceNs);
            if (placement.IsAmbiguous || (slot.Birth.IsAdrift && !Proves(placement, turns, claims)) || (placement is { ClaimCount: 1, TurnCount: 1 } && IsOutOfOrder(turns[placement.FirstTurn], claims, placement.FirstClaim, candidates)))
            {
                placing.IsAmbiguous = true;
                for (var k = 0; k < candidates.Count; k++)
                    candidates[k].Contenders = Math.Max(candidates[k].Contenders, Alignment.Candidates(turns, claims[k], toleranceNs));
            }
            else if (placement.ClaimCount > 0)
            {
                Take(role, placing, slot, around.Slots.GetRange(placement.FirstTurn, placement.TurnCount),
                    candidates.GetRange(placement.FirstClaim, placement.ClaimCount), turns.Count == claims.Count && turns.Count > 1, placement);
            }
        }
    }

    /// <summary>
    /// The record with the request's place on its connection and its bytes, where every other record names another place:
    /// what aligning would find.
    /// </summary>
    private WaitingRecord? ByOrdinal(RequestSlot slot, RequestRole role, Neighbourhood around, List<WaitingRecord> candidates)
    {
        if (slot.Ordinal == 0 || around.Slots.Exists(other => other.Birth != slot.Birth))
            return null;
        WaitingRecord? found = null;
        foreach (var waiting in candidates)
        {
            var record = waiting.Record.Record;
            if (record.ConnectionRequest is null || record.Tls || record.OpensTunnel || (found is not null && record.ConnectionRequest == slot.Ordinal))
                return null;
            found = record.ConnectionRequest == slot.Ordinal ? waiting : found;
        }

        return found is not null && Alignment.Agree(slot.ToTurn(role == RequestRole.Server), ToClaim(found, around), toleranceNs) ? found : null;
    }

    /// <summary>
    /// The record with just the request's bytes, where no other record and no other request nearby has them: whatever the
    /// clocks say of the order.
    /// </summary>
    private WaitingRecord? ByBytes(RequestSlot slot, RequestRole role, Neighbourhood around, List<WaitingRecord> candidates)
    {
        var turn = slot.ToTurn(role == RequestRole.Server);
        WaitingRecord? found = null;
        foreach (var waiting in candidates)
        {
            if (waiting.Record.Record is not { Tls: false, OpensTunnel: false, RequestBytes: { } request, ResponseBytes: { } response }
                || request != turn.RequestBytes || response != turn.ResponseBytes)
                continue;
            if (found is not null || (waiting.Record.Record.ConnectionRequest is { } ordinal && slot.Ordinal > 0 && ordinal != slot.Ordinal))
                return null;
            found = waiting;
        }

        if (found is null || !Alignment.Agree(turn, ToClaim(found, around), toleranceNs))
            return null;
        foreach (var birth in births)
            foreach (var other in birth.Slots)
                if (other != slot && other.StartNs <= found.Record.EndNs + toleranceNs && other.LastNs >= found.Record.StartNs - toleranceNs
                    && other.ToTurn(role == RequestRole.Server) is var rival && (!rival.IsKnown
                        ? rival.StartNs <= found.Record.EndNs
                        : rival.RequestBytes == turn.RequestBytes && rival.ResponseBytes == turn.ResponseBytes))
                    return null;
        return found;
    }

    /// <summary>A clock too coarse to order the records: another one fits as well, and nothing but order speaks against it.</summary>
    private bool IsOutOfOrder(Turn turn, List<Claim> claims, int chosen, List<WaitingRecord> candidates)
    {
        if (candidates[chosen].Record.Record is not { ResolutionMs: { } resolution, ConnectionRequest: null } || claims[chosen].EndNs is not { } end)
            return false;
        for (var i = 0; i < claims.Count; i++)
            if (i != chosen && Math.Abs((claims[i].EndNs ?? end) - end) < resolution * 1e6 && claims[i].Ordinal is null
                && Alignment.Agree(turn, claims[i], toleranceNs) && Alignment.Agree(turn, claims[chosen], toleranceNs))
                return true;
        return false;
    }

    private void Take(RequestRole role, Placing placing, RequestSlot slot, List<RequestSlot> group, List<WaitingRecord> taken, bool inOrder, Placement placement)
    {
        if (group.Count > 1 || taken.Count > 1)
        {
            // Where requests were regrouped for one role's records already, the other's follow them.
            if (placing.Found.Count > 0)
                return;
            placing.Slots = Regroup(group, taken);
        }

        for (var k = 0; k < taken.Count; k++)
        {
            var own = taken.Count > 1 || group.Count > 1 ? placing.Slots[k] : slot;
            placing.Found[(own, role)] = new MatchedRecord(taken[k].Record, Describe(taken[k].Record.Record, own, role, inOrder, placement));
            records.Remove(taken[k]);
        }
    }

    private Claim ToClaim(WaitingRecord waiting, Neighbourhood around, double clockNs = MostClockNs)
    {
        var record = waiting.Record.Record;
        return new Claim(waiting.Record.StartNs, waiting.Record.EndNs, record.Tls ? null : record.RequestBytes, record.Tls ? null : record.ResponseBytes,
            record.Tls ? null : record.ConnectionRequest, record.SocketCookie, BirthOf(record), (record.ResolutionMs ?? 0) * 1e6, clockNs + ((record.ResolutionMs ?? 0) * 1e6),
            record.OpensTunnel, OuterOf(waiting.Record, around.Slots));
    }

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
    private static double ClockNs(List<RequestSlot> near)
    {
        if (near.Count < 2)
            return MostClockNs;
        var gaps = near.Zip(near.Skip(1), (one, next) => Math.Max(0, next.StartNs - one.StartNs)).Order().ToList();
        return Math.Clamp(gaps[gaps.Count / 2] / 4.0, LeastClockNs, MostClockNs);
    }

    /// <summary>The bytes or the place on the connection say so, not only time and order.</summary>
    private static bool Proves(Placement placement, List<Turn> turns, List<Claim> claims)
    {
        if (placement.ClaimCount == 0)
            return true;
        var (turn, claim) = (turns[placement.FirstTurn], claims[placement.FirstClaim]);
        return placement is not { TurnCount: 1, ClaimCount: 1 } || (claim.Ordinal is { } ordinal && ordinal == turn.Ordinal);
    }

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
            : (record.ConnectionRequest is { } ordinal && ordinal == turn.Ordinal && !record.Tls) || inOrder ? MatchMethod.TupleOrder
            : MatchMethod.TupleTime;
        return new Match(method, 1, MatchConfidence.Of(method, placement.Margin));
    }

    /// <summary>What is found while a request is placed.</summary>
    private sealed class Placing(IReadOnlyList<RequestSlot> slots)
    {
        internal IReadOnlyList<RequestSlot> Slots { get; set; } = slots;
        internal Dictionary<(RequestSlot, RequestRole), MatchedRecord> Found { get; } = [];
        internal bool IsAmbiguous { get; set; }

        internal PlacedRequest ToRequest() => new(Slots,
            [.. Slots.Select(own => (Found.GetValueOrDefault((own, RequestRole.Client)), Found.GetValueOrDefault((own, RequestRole.Server))))],
            IsAmbiguous);
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
    internal static PlacedRequest Unclaimed { get; } = new([], [], IsAmbiguous: false);
}
