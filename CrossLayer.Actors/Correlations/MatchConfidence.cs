namespace CrossLayer.Actors.Correlations;

/// <summary>How sure a match is, by its method.</summary>
internal static class MatchConfidence
{
    /// <summary>A request on a shared connection is found by time among others: the connection is right, the bytes are theirs together.</summary>
    internal const double Shared = 0.5;

    internal static double Of(MatchMethod method, double margin) => method switch
    {
        MatchMethod.Cookie => 0.99,
        MatchMethod.TupleBytes => 0.97,
        MatchMethod.TupleOrder => 0.95,
        MatchMethod.TupleTime => margin >= 2 * Alignment.LeastMargin ? 0.95 : 0.9,
        _ => 0,
    };
}
