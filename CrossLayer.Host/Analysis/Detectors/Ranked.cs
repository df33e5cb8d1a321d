namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>Quantiles by nearest rank: always a value that was there (Hyndman and Fan, Am. Stat. 50, 1996: definition 1).</summary>
internal static class Ranked
{
    /// <summary>The least value that at least this share of all values does not exceed; of less than 1000 values, the 99.9th percentile is the greatest.</summary>
    /// <param name="sorted">At least one value, in ascending order.</param>
    /// <param name="share">Above 0, at most 1.</param>
    public static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Count);
        // 0.07 * 100 is a little more than 7.
        return sorted[Math.Clamp((int)Math.Ceiling((share * sorted.Count) - 1e-9) - 1, 0, sorted.Count - 1)];
    }

    /// <summary>The middle value; of two, their mean.</summary>
    public static double Median(IReadOnlyList<double> sorted)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        ArgumentOutOfRangeException.ThrowIfZero(sorted.Count);
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
