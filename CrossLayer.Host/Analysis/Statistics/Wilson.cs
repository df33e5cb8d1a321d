using MathNet.Numerics.Distributions;

namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>The interval for a share, after Wilson (J. Am. Stat. Assoc. 22, 1927): sensible at 0 and 1, and for few trials.</summary>
internal static class Wilson
{
    private static readonly double Z = Normal.InvCDF(0, 1, 0.975);

    /// <summary>The 95 % interval; null without trials.</summary>
    public static Interval? Of(long successes, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        if (trials == 0)
            return null;
        var share = (double)successes / trials;
        var middle = share + (Z * Z / (2 * trials));
        var half = Z * Math.Sqrt((share * (1 - share) / trials) + (Z * Z / (4.0 * trials * trials)));
        var scale = 1 + (Z * Z / trials);
        // At the ends the bound is the end itself, but for rounding.
        return new Interval(
            successes == 0 ? 0 : (middle - half) / scale,
            successes == trials ? 1 : (middle + half) / scale);
    }
}
