using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>Which causes a detector's alarms of an episode point to.</summary>
internal static class CauseRanking
{
    /// <summary>
    /// The causes by the sum of the scores of the alarms that name them; of equal ones the one with more alarms, then the one that
    /// <see cref="Cause"/> has first. An alarm without a cause says <see cref="Cause.Unknown"/>.
    /// </summary>
    public static IReadOnlyList<Cause> Of(TestedEpisode episode, int detector) =>
    [
        .. episode.Requests.Select(request => request.Decisions[detector]).Where(decision => decision.Alarm)
            .GroupBy(decision => decision.Cause ?? Cause.Unknown)
            .OrderByDescending(alarms => alarms.Sum(alarm => alarm.Score))
            .ThenByDescending(alarms => alarms.Count())
            .ThenBy(alarms => alarms.Key)
            .Select(alarms => alarms.Key),
    ];

    /// <summary>The first cause is one that was injected; in a mix either is right.</summary>
    public static bool IsTop1(IReadOnlyList<Cause> ranking, IReadOnlyList<Cause> injected) =>
        ranking.Count > 0 && injected.Contains(ranking[0]);

    /// <summary>Every injected cause is among the first three: in a mix both must be.</summary>
    public static bool IsTop3(IReadOnlyList<Cause> ranking, IReadOnlyList<Cause> injected) =>
        injected.Count > 0 && injected.All(ranking.Take(3).Contains);
}
