using MathNet.Numerics.Distributions;

namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>McNemar's exact test (Psychometrika 12, 1947): whether of two detectors one is right more often where they differ.</summary>
internal static class McNemar
{
    /// <summary>The two-sided p-value: binomial with one half on the discordant pairs; 1 where there are none.</summary>
    /// <param name="onlyFirst">Cases in which only the first is right.</param>
    /// <param name="onlySecond">Cases in which only the second is right.</param>
    public static double PValue(int onlyFirst, int onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        var discordant = onlyFirst + onlySecond;
        return discordant == 0 ? 1 : Math.Min(1, 2 * Binomial.CDF(0.5, discordant, Math.Min(onlyFirst, onlySecond)));
    }
}
