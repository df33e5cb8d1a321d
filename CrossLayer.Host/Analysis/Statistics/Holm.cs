namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>Holm's correction for several tests (Scand. J. Stat. 6, 1979).</summary>
internal static class Holm
{
    /// <summary>The corrected p-values, in the order given.</summary>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues)
    {
        var adjusted = new double[pValues.Count];
        var least = 0.0;
        foreach (var (rank, index) in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).Index())
        {
            least = Math.Max(least, Math.Min(1, (pValues.Count - rank) * pValues[index]));
            adjusted[index] = least;
        }

        return adjusted;
    }
}
