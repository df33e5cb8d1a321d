namespace CrossLayer.Actors.Correlations;

/// <summary>
/// How sure a match is: the share of matches of its kind that are right, as docs/matching.md measures it (the lower end of
/// its 95 % interval), and at most 0.999. What would be less sure is not matched: it is ambiguous.
/// </summary>
internal static class MatchConfidence
{
    /// <summary>A request on a shared connection is found by time among others: the connection is right, the bytes are theirs together.</summary>
    internal const double Shared = 0.5;

    private const double Most = 0.999;
    private const double CloseCall = 0.998;

    internal static double Of(MatchMethod method, double margin) => method switch
    {
        MatchMethod.None => 0,
        MatchMethod.TupleTime when margin < 2 * Alignment.LeastMargin => CloseCall,
        _ => Most,
    };
}
