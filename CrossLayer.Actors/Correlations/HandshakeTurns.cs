namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Which turns of an encrypted connection were its handshake's: with a record's place among the requests that tells its place among
/// the turns, though its bytes are not those of the connection.
/// </summary>
internal static class HandshakeTurns
{
    /// <summary>
    /// The one number of turns, of those that a handshake can take, with which every record finds a turn that has room for its bytes,
    /// at its time or after it: a server that reads its clock once for all that it finds to do (nginx, once for each turn of its event
    /// loop) is behind by as long as that takes. Where more than one is possible, the one with which all are at their time; null
    /// if that does not decide either. That a request came with the first turn (early data) is left out.
    /// </summary>
    /// <param name="birth">The connection.</param>
    /// <param name="births">All that had its tuple.</param>
    /// <param name="records">Records of its tuple.</param>
    /// <param name="toleranceNs">How far a record's time may be off.</param>
    /// <param name="behindNs">How far a record's clock may be behind.</param>
    internal static int? Find(
        ConnectionBirth birth, IReadOnlyList<ConnectionBirth> births, IReadOnlyList<WaitingRecord> records, long toleranceNs, long behindNs)
    {
        if (birth.Slots.Count == 0 || birth.Slots.Exists(slot => slot.Ordinal == 0) || births.Any(other => other != birth && other.Slots.Count > 0))
            return null;
        var placed = records.Where(waiting => waiting is { IsTaken: false, Record: { EndNs: not null, Record: { Tls: true, ConnectionRequest: not null } } }).ToList();
        if (placed.Count == 0)
            return null;
        return Sole(behindNs) ?? Sole(toleranceNs);

        int? Sole(long earlyNs)
        {
            int? found = null;
            for (var turns = 1; turns <= ConnectionBirth.MostHandshakeTurns; turns++)
            {
                if (!placed.TrueForAll(waiting => HasTurn(birth, waiting, turns, earlyNs, toleranceNs)))
                    continue;
                if (found is not null)
                    return null;
                found = turns;
            }

            return found;
        }
    }

    private static bool HasTurn(ConnectionBirth birth, WaitingRecord waiting, int handshake, long earlyNs, long lateNs)
    {
        var ordinal = waiting.Record.Record.ConnectionRequest!.Value + handshake;
        if (ordinal < birth.Slots[0].Ordinal)
            return true; // It is gone by now, and nothing is known of it.
        if (birth.Slots.Find(slot => slot.Ordinal == ordinal) is not { } own
            || own.StartNs > waiting.Record.EndNs + earlyNs || own.LastNs < waiting.Record.StartNs - lateNs)
            return false;
        var least = ClaimMaker.LeastOf(waiting.Record.Record);
        return own.Traced is not { Exchange: var exchange } || (exchange.Request.Length >= least.Request && exchange.Response.Length >= least.Response);
    }
}
