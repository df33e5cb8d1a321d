using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// A record fits a request in time and bytes, and names another place on the connection. Clocks that lag by a request or
/// more make it look so, and places do once a request before was taken for two (100-continue that nobody reported).
/// </summary>
internal sealed class PlaceConflict(RecordQueue records, long withinNs, ClaimMaker claims)
{
    /// <summary>True if the record is not for this request: its own place, or another record of this place, is there.</summary>
    internal Conflict Of(RequestSlot slot, WaitingRecord waiting, Neighbourhood around, long nowNs)
    {
        var record = waiting.Record.Record;
        if (slot.Ordinal == 0 || record is not { Tls: false, OpensTunnel: false, RequestBytes: not null, ResponseBytes: not null, ConnectionRequest: { } place }
            || place == slot.Ordinal)
            return Conflict.None;
        var claim = claims.Make(waiting, around);
        var own = slot.Birth.Slots.Exists(other => other != slot && other.Ordinal == place && !other.IsClaimedBy(record.Role)
            && (!other.IsSettled || Alignment.AgreeInPlace(other.ToTurn(record.Role == RequestRole.Server), claim, withinNs)));
        return slot.Birth.Places.AreCertain(slot) ? (own || HasRecord(slot, record.Role, nowNs) ? Conflict.Elsewhere : Conflict.None)
            : own ? Conflict.Unsure : Conflict.None;
    }

    /// <summary>A record that names the request's place, and may be its own as far as bytes tell.</summary>
    internal bool HasRecord(RequestSlot slot, RequestRole role, long nowNs)
    {
        if (slot.Ordinal == 0)
            return false;
        var (turn, around) = (slot.ToTurn(role == RequestRole.Server), new Neighbourhood([slot], []));
        foreach (var waiting in records.Within(slot.StartNs - withinNs, slot.LastNs == long.MaxValue ? slot.LastNs : slot.LastNs + withinNs, nowNs))
            if (waiting.Record.Record.Role == role && ClaimMaker.PlaceOf(waiting.Record.Record, slot.Birth) == slot.Ordinal && !waiting.IsTaken
                && Alignment.AgreeInPlace(turn, claims.Make(waiting, around), withinNs))
                return true;
        foreach (var waiting in records.WithoutTime())
            if (waiting.Record.Record.Role == role && ClaimMaker.PlaceOf(waiting.Record.Record, slot.Birth) == slot.Ordinal
                && Alignment.AgreeInPlace(turn, claims.Make(waiting, around), 0))
                return true;
        return false;
    }
}

/// <summary>What a record's place says against a request that it fits otherwise.</summary>
internal enum Conflict
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Places on the connection hold: the record belongs to another request.</summary>
    Elsewhere,

    /// <summary>Time says one thing, the place another.</summary>
    Unsure,
}
