namespace CrossLayer.Actors.Correlations;

/// <summary>How sure a match is, by its method.</summary>
internal static class MatchConfidence
{
    internal static double Of(MatchMethod method, double margin) => method switch
    {
        MatchMethod.Cookie => 0.99,
        MatchMethod.TupleBytes => 0.97,
        MatchMethod.TupleOrder => 0.95,
        MatchMethod.TupleTime => margin >= 2 * Alignment.LeastMargin ? 0.95 : 0.9,
        _ => 0,
    };
}
