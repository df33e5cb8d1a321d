using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis.Detectors;

namespace CrossLayer.Host.Analysis.Output;

/// <summary>Learned limits as settings, in HOCON.</summary>
internal static class SlowRoutesFile
{
    /// <summary>The file's name.</summary>
    public const string Name = "slow-routes.conf";

    /// <summary>Writes them.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<LearnedLimit> limits)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(FormattableString.Invariant($"""
            # From when on requests are slow, by who reports them and by route: the {LearnedLimits.Share * 100:0.#}th percentile (nearest rank) of {limits.Sum(limit => limit.Requests)} latencies of
            # ordinary traffic, times {LearnedLimits.Margin}. They hold where that traffic was recorded.

            """).ReplaceLineEndings("\n"));
        writer.Write(SlowRoute.ToHocon(limits.Select(limit => limit.Slow)));
    }
}
