namespace CrossLayer.Evaluation.Scoring;

/// <summary>The interval for a share, after Wilson (J. Am. Stat. Assoc. 22, 1927): sensible at 0 and 1, and for few trials.</summary>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
internal readonly record struct Wilson(double Low, double High)
{
    private const double Z = 1.959963984540054; // 95 %, two-sided

    /// <summary>The 95 % interval.</summary>
    internal static Wilson Of(long successes, long trials)
    {
        if (trials == 0)
            return new Wilson(0, 1);
        var share = (double)successes / trials;
        var middle = share + (Z * Z / (2 * trials));
        var half = Z * Math.Sqrt((share * (1 - share) / trials) + (Z * Z / (4.0 * trials * trials)));
        var scale = 1 + (Z * Z / trials);
        return new Wilson(Math.Max(0, (middle - half) / scale), Math.Min(1, (middle + half) / scale));
    }
}
