namespace CrossLayer.Actors.Correlations;

/// <summary>How far the times of one end's records on a connection have been off, where their requests were known.</summary>
internal sealed class ClockRecord
{
    private const int Enough = 32;

    private int _count;
    private long _mostNs;
    private long? _mostBeforeNs;

    /// <summary>
    /// How far a record's end and its response's last byte may lie apart: twice as far as in the last 32 matches in a row without a doubt.
    /// Null where there never were so many, and where it is not less than the tolerance: then such a clock tells nothing.
    /// </summary>
    internal long? ReachNs(long toleranceNs) => _mostBeforeNs is { } before && 2 * Math.Max(before, _mostNs) is var reach && reach < toleranceNs ? reach : null;

    /// <summary>A record was matched.</summary>
    internal void Learn(Turn turn, long? recordEndNs)
    {
        if (recordEndNs is not { } end || !turn.IsKnown)
            return;
        _mostNs = Math.Max(_mostNs, Math.Abs(end - turn.EndNs));
        if (++_count == Enough)
            (_mostBeforeNs, _mostNs, _count) = (_mostNs, 0, 0);
    }

    /// <summary>A request fitted several records, or a record none: what was learned since the last 32 is not certain.</summary>
    internal void Doubt() => (_mostNs, _count) = (0, 0);
}
