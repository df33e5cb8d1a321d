using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>The two cases in which a request's record is plain without aligning: its place, and bytes that nothing else nearby has.</summary>
internal sealed class SureRecord(IReadOnlyList<ConnectionBirth> births, long toleranceNs)
{
    private readonly ClaimMaker _claims = new(births, toleranceNs);

    /// <summary>The record; null where the sequences have to be aligned.</summary>
    internal WaitingRecord? Find(RequestSlot slot, RequestRole role, Neighbourhood around, List<WaitingRecord> candidates) =>
        ByOrdinal(slot, role, around, candidates) ?? ByBytes(slot, role, around, candidates);

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
            if (ClaimMaker.PlaceOf(record, slot.Birth) is not { } place || record.OpensTunnel || (found is not null && place == slot.Ordinal))
                return null;
            found = place == slot.Ordinal ? waiting : found;
        }

        if (found is null)
            return null;
        var (turn, claim) = (slot.ToTurn(role == RequestRole.Server), _claims.Make(found, around));
        return Alignment.Agree(turn, claim, toleranceNs)
            || (slot.Birth.Places.AreCertain(slot) && Alignment.AgreeInPlace(turn, claim, toleranceNs) && !MayHoldNext(slot, role, around, candidates)) ? found : null;
    }

    /// <summary>
    /// What a turn's request has beyond its record's may be of others that are reported behind it (pipelining): then the turn of one of them
    /// has not its bytes either.
    /// </summary>
    private bool MayHoldNext(RequestSlot slot, RequestRole role, Neighbourhood around, List<WaitingRecord> candidates) =>
        candidates.Exists(waiting => ClaimMaker.PlaceOf(waiting.Record.Record, slot.Birth) is { } place && place > slot.Ordinal
            && !slot.Birth.Slots.Exists(other => other.Ordinal == place
                && Alignment.AgreeInPlace(other.ToTurn(role == RequestRole.Server), _claims.Make(waiting, around) with { StartNs = null, EndNs = null }, 0)));

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

        if (found is null || !Alignment.Agree(turn, _claims.Make(found, around), toleranceNs))
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
}
