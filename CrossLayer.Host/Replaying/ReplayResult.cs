using CrossLayer.Actors.Recording;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Replaying;

/// <summary>What a replay read and decided.</summary>
/// <param name="Sessions">What was read of each session.</param>
/// <param name="Correlations">Counts over the correlations.</param>
/// <param name="Hash">Their <see cref="VerdictHash"/>.</param>
/// <param name="Comparison">What differs from the journal's discrepancies.</param>
internal sealed record ReplayResult(
    IReadOnlyList<ReplaySummary> Sessions, CorrelationSummary Correlations, string Hash, ReplayComparison Comparison)
{
    /// <summary>The replay was interrupted: the hash is that of a part.</summary>
    public bool IsStoppedEarly => Sessions.Any(session => session.IsStoppedEarly);
}
