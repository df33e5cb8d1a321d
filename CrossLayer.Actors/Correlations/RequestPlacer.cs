using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Decides which records a due request has. The role whose records count bytes goes first, since they may show that what
/// the wire made one request is several, or the other way round; the other role is then placed on what came of it.
/// </summary>
internal sealed class RequestPlacer(RecordQueue records, long toleranceNs)
{
    /// <summary>A request on a shared connection is found by time among others: the connection is right, the bytes are theirs together.</summary>
    internal const double SharedConfidence = 0.5;

    private const int MostNeighbours = 24;

    /// <summary>When the requests that compete for the same records will be due; now, if they are.</summary>
    internal long NeighboursDueNs(RequestSlot slot, IReadOnlyList<ConnectionBirth> births, long nowNs, Func<RequestSlot, long> dueNs)
    {
        var latest = nowNs;
        foreach (var neighbour in Neighbours(slot, births, nowNs).Where(other => !other.IsHeld))
            latest = Math.Max(latest, dueNs(neighbour));
        return latest;
    }

    /// <summary>Places a due request, and takes the records that it gets.</summary>
    internal PlacedRequest Place(RequestSlot slot, IReadOnlyList<ConnectionBirth> births, long nowNs)
    {
        var around = Neighbours(slot, births, nowNs);
        if (Overlapping(records.All.Where(waiting => waiting.Record.Record.SharesConnection), slot, long.MaxValue).Any())
            return PlacedRequest.Shared;
        foreach (var waiting in Overlapping(records.All, slot, nowNs))
            slot.Birth.IsTls |= waiting.Record.Record.Tls;

        RequestRole[] roles = Candidates(RequestRole.Server, around, nowNs).Exists(HasBytes) || !Candidates(RequestRole.Client, around, nowNs).Exists(HasBytes)
            ? [RequestRole.Server, RequestRole.Client] : [RequestRole.Client, RequestRole.Server];
        IReadOnlyList<RequestSlot> slots = [slot];
        var found = new Dictionary<(RequestSlot, RequestRole), MatchedRecord>();
        var ambiguous = false;
        foreach (var role in roles)
        {
            for (var i = 0; i < slots.Count; i++)
            {
                if (found.ContainsKey((slots[i], role)))
                    continue;
                var candidates = Candidates(role, Neighbours(slots[i], births, nowNs), nowNs);
                if (candidates.Count == 0)
                    continue;
                var near = Neighbours(slots[i], births, nowNs);
                var claims = candidates.ConvertAll(waiting => ToClaim(waiting, near, births));
                var turns = near.ConvertAll(other => other.ToTurn(role == RequestRole.Server));
                var placement = Alignment.Place(turns, claims, near.IndexOf(slots[i]), toleranceNs);
                if (placement.IsAmbiguous)
                {
                    ambiguous = true;
                    for (var k = 0; k < candidates.Count; k++)
                        candidates[k].Contenders = Math.Max(candidates[k].Contenders, Alignment.Candidates(turns, claims[k], toleranceNs));
                    continue;
                }

                if (placement.ClaimCount == 0)
                    continue;
                var taken = candidates.GetRange(placement.FirstClaim, placement.ClaimCount);
                var group = near.GetRange(placement.FirstTurn, placement.TurnCount);
                // Where requests were regrouped for one role's records already, the other's follow them.
                if ((group.Count > 1 || taken.Count > 1) && found.Count == 0)
                    slots = Regroup(group, taken);
                else if (group.Count > 1 || taken.Count > 1)
                    continue;
                for (var k = 0; k < taken.Count; k++)
                {
                    var own = slots.Count == taken.Count ? slots[k] : slots[i];
                    found[(own, role)] = new MatchedRecord(taken[k].Record, Describe(taken[k].Record.Record, own, role, near.Count, candidates.Count, placement));
                    records.Remove(taken[k]);
                }
            }
        }

        return found.Count == 0
            ? new PlacedRequest([], [], ambiguous, IsShared: false)
            : new PlacedRequest(slots,
                [.. slots.Select(own => (found.GetValueOrDefault((own, RequestRole.Client)), found.GetValueOrDefault((own, RequestRole.Server))))],
                ambiguous, IsShared: false);
    }

    /// <summary>What passed on the connection in a record's time.</summary>
    internal (Exchange? Client, Exchange? Server, int Others) SharedEvidence(WaitingRecord waiting, IReadOnlyList<ConnectionBirth> births)
    {
        var passed = births.SelectMany(birth => birth.Slots).Where(slot => slot.IsSettled && Overlaps(waiting.Record, slot)).ToList();
        foreach (var slot in passed.Where(slot => slot.Id.IsServer))
            slot.ClientView ??= slot.Birth.ClientViewOf(slot.Traced!.Exchange);
        var server = passed.Where(slot => slot.Id.IsServer).Select(slot => slot.Traced!).ToList();
        var client = passed.Select(slot => slot.Id.IsServer ? slot.ClientView : slot.Traced).OfType<TracedExchange>().ToList();
        var others = records.All.Count(other => other != waiting && other.Record.Record.Role == waiting.Record.Record.Role
            && other.Record.StartNs <= waiting.Record.EndNs && other.Record.EndNs >= waiting.Record.StartNs);
        return (Joined(client), Joined(server), others + 1);

        static Exchange? Joined(List<TracedExchange> parts) => parts.Count == 0 ? null : parts.Aggregate((one, next) => one.Join(next)).Exchange;
    }

    private static bool HasBytes(WaitingRecord waiting) =>
        waiting.Record.Record is { Tls: false, RequestBytes: not null, ResponseBytes: not null };

    /// <summary>The request, what is held just before it, and the others that its possible records overlap, in order.</summary>
    private List<RequestSlot> Neighbours(RequestSlot slot, IReadOnlyList<ConnectionBirth> births, long nowNs)
    {
        var possible = Overlapping(records.All, slot, nowNs).ToList();
        var near = new List<RequestSlot>();
        foreach (var other in births.SelectMany(birth => birth.Slots))
            if (other == slot || (possible.Count > 0 && ((other.IsHeld && other.Birth == slot.Birth) || possible.Exists(waiting => Overlaps(waiting.Record, other)))))
                near.Add(other);
        near.Sort((one, other) => one.Birth == other.Birth
            ? one.Birth.Slots.IndexOf(one).CompareTo(other.Birth.Slots.IndexOf(other))
            : one.StartNs.CompareTo(other.StartNs));
        var at = near.IndexOf(slot);
        var from = Math.Max(0, at - MostNeighbours);
        return near.GetRange(from, Math.Min(near.Count, at + MostNeighbours) - from);
    }

    private List<WaitingRecord> Candidates(RequestRole role, List<RequestSlot> near, long nowNs) =>
        [.. records.Of(role, nowNs).Where(waiting => near.Exists(slot => Overlaps(waiting.Record, slot)))];

    private IEnumerable<WaitingRecord> Overlapping(IEnumerable<WaitingRecord> all, RequestSlot slot, long nowNs) =>
        all.Where(waiting => (nowNs == long.MaxValue || waiting.Record.EndNs <= nowNs) && Overlaps(waiting.Record, slot));

    private bool Overlaps(TimedRecord record, RequestSlot slot) =>
        record is not { StartNs: { } start, EndNs: { } end } || (start - toleranceNs <= slot.LastNs && end + toleranceNs >= slot.StartNs);

    private Claim ToClaim(WaitingRecord waiting, List<RequestSlot> near, IReadOnlyList<ConnectionBirth> births)
    {
        var record = waiting.Record.Record;
        var outer = births.SelectMany(birth => birth.Slots).Any(slot => !near.Contains(slot) && Overlaps(waiting.Record, slot));
        return new Claim(waiting.Record.StartNs, waiting.Record.EndNs, record.Tls ? null : record.RequestBytes, record.Tls ? null : record.ResponseBytes,
            record.Tls ? null : record.ConnectionRequest, record.SocketCookie, ResolutionNs(record), record.OpensTunnel, outer);
    }

    /// <summary>Half a millisecond is what passes between an application's clock reading and the kernel's on a busy machine.</summary>
    private static double ResolutionNs(RequestRecord record) => ((record.ResolutionMs ?? 0) + 0.5) * 1e6;

    private static IReadOnlyList<RequestSlot> Regroup(List<RequestSlot> group, List<WaitingRecord> taken)
    {
        var birth = group[0].Birth;
        var (first, last) = (group[0].Traced!.Exchange, group[^1].Traced!.Exchange);
        var parts = new List<(ByteRange, ByteRange)>();
        var (request, response) = (first.Request.Start, first.Response.Start);
        for (var i = 0; i < taken.Count; i++)
        {
            var isLast = i == taken.Count - 1;
            var record = taken[i].Record.Record;
            var (requestEnd, responseEnd) = isLast ? (last.Request.End, last.Response.End) : (request + record.RequestBytes!.Value, response + record.ResponseBytes!.Value);
            parts.Add((new ByteRange(request, requestEnd), new ByteRange(response, responseEnd)));
            (request, response) = (requestEnd, responseEnd);
        }

        var slots = birth.Replace(birth.Slots.IndexOf(group[0]), group.Count, parts);
        foreach (var slot in slots.Where(slot => slot.Id.IsServer))
            slot.ClientView = birth.ClientViewOf(slot.Traced!.Exchange);
        return slots;
    }

    private static Match Describe(RequestRecord record, RequestSlot slot, RequestRole role, int near, int candidates, Placement placement)
    {
        var turn = slot.ToTurn(role == RequestRole.Server);
        var method = record.SocketCookie is { } cookie && cookie == turn.Cookie ? MatchMethod.Cookie
            : !record.Tls && record is not { RequestBytes: null, ResponseBytes: null } && (record.RequestBytes ?? turn.RequestBytes) == turn.RequestBytes
                && (record.ResponseBytes ?? turn.ResponseBytes) == turn.ResponseBytes ? MatchMethod.TupleBytes
            : (record.ConnectionRequest is { } ordinal && ordinal == turn.Ordinal && !record.Tls) || (near > 1 && near == candidates) ? MatchMethod.TupleOrder
            : MatchMethod.TupleTime;
        return new Match(method, 1, MatchConfidence.Of(method, placement.Margin));
    }
}

/// <summary>What became of a request.</summary>
/// <param name="Slots">The requests that are decided: one, or as many as it was cut into; none if nobody reports it.</param>
/// <param name="Claims">The records of each.</param>
/// <param name="IsAmbiguous">Records fit it and others equally well.</param>
/// <param name="IsShared">Its connection is shared by several requests at a time.</param>
internal sealed record PlacedRequest(
    IReadOnlyList<RequestSlot> Slots, IReadOnlyList<(MatchedRecord? Client, MatchedRecord? Server)> Claims, bool IsAmbiguous, bool IsShared)
{
    internal static PlacedRequest Shared { get; } = new([], [], IsAmbiguous: false, IsShared: true);
}
