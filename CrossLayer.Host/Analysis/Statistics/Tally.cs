namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>So many of so many.</summary>
/// <param name="Numerator">What was counted.</param>
/// <param name="Denominator">Of how many.</param>
internal readonly record struct Tally(long Numerator, long Denominator)
{
    /// <summary>The share; null of nothing.</summary>
    public double? Share => Denominator == 0 ? null : (double)Numerator / Denominator;

    /// <summary>Both added up.</summary>
    public static Tally Sum(IEnumerable<Tally> tallies)
    {
        var (numerator, denominator) = (0L, 0L);
        foreach (var tally in tallies)
            (numerator, denominator) = (numerator + tally.Numerator, denominator + tally.Denominator);
        return new Tally(numerator, denominator);
    }
}
