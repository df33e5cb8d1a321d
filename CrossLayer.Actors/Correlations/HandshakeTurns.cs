namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Which turns of an encrypted connection were its handshake's: with a record's place among the requests that tells its place among
/// the turns, though its bytes are not those of the connection.
/// </summary>
internal static class HandshakeTurns
{
    /// <summary>
    /// The one number of turns, of those that a handshake can take, with which every record finds a turn at its time that has room
    /// for its bytes; null if there is none, or more than one. That a request came with the first turn (early data) is left out.
    /// </summary>
    /// <param name="birth">The connection.</param>
    /// <param name="births">All that had its tuple.</param>
    /// <param name="records">Records of its tuple.</param>
    /// <param name="toleranceNs">How far a record's time may be off.</param>
    internal static int? Find(ConnectionBirth birth, IReadOnlyList<ConnectionBirth> births, List<WaitingRecord> records, long toleranceNs)
    {
        if (birth.Slots.Exists(slot => slot.Ordinal == 0) || births.Any(other => other != birth && other.Slots.Count > 0))
            return null;
        var placed = records.FindAll(waiting => waiting is { IsTaken: false, Record: { EndNs: not null, Record: { Tls: true, ConnectionRequest: not null } } });
        int? found = null;
        for (var turns = 1; turns <= ConnectionBirth.MostHandshakeTurns && placed.Count > 0; turns++)
        {
            if (!placed.TrueForAll(waiting => HasTurn(birth, waiting, turns, toleranceNs)))
                continue;
            if (found is not null)
                return null;
            found = turns;
        }

        return found;
    }

    private static bool HasTurn(ConnectionBirth birth, WaitingRecord waiting, int handshake, long toleranceNs)
    {
        var ordinal = waiting.Record.Record.ConnectionRequest!.Value + handshake;
        if (ordinal < birth.Slots[0].Ordinal)
            return true; // It is gone by now, and nothing is known of it.
        if (birth.Slots.Find(slot => slot.Ordinal == ordinal) is not { } own
            || own.StartNs > waiting.Record.EndNs + toleranceNs || own.LastNs < waiting.Record.StartNs - toleranceNs)
            return false;
        var least = ClaimMaker.LeastOf(waiting.Record.Record);
        return own.Traced is not { Exchange: var exchange } || (exchange.Request.Length >= least.Request && exchange.Response.Length >= least.Response);
    }
}
