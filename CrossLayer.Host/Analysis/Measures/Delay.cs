using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>
/// How long after the start of the first impacted request a detector's first true alarm came, an alarm on a request that was
/// touched or impacted. An episode without one counts for as long as it went on.
/// </summary>
/// <param name="Detected">Episodes with a true alarm.</param>
/// <param name="Censored">Episodes without one.</param>
/// <param name="Early">Episodes whose first true alarm came before: they count as 0 seconds.</param>
/// <param name="MedianSeconds">After how long half of the episodes are detected (Kaplan-Meier); null where the curve does not come to it.</param>
/// <param name="P95Seconds">The same for 95 %.</param>
/// <param name="Steps">The curve of what is undetected.</param>
internal sealed record Delay(
    int Detected, int Censored, int Early, double? MedianSeconds, double? P95Seconds, IReadOnlyList<KaplanMeier.Step> Steps)
{
    private const double NsPerSecond = 1e9;

    /// <summary>The delays of a detector over episodes with impact.</summary>
    public static Delay Of(IReadOnlyList<TestedEpisode> episodes, int detector)
    {
        var early = 0;
        var durations = new List<Duration>(episodes.Count);
        foreach (var episode in episodes)
        {
            if (FirstImpactUnixNs(episode) is not { } start)
                continue;
            var alarm = FirstAlarmUnixNs(episode, detector);
            if (alarm < start)
                early++;
            durations.Add(new Duration(Math.Max(0, ((alarm ?? episode.EndUnixNs) - start) / NsPerSecond), alarm is not null));
        }

        var curve = KaplanMeier.Of(durations);
        return new Delay(curve.Observed, curve.Censored, early, curve.Quantile(0.5), curve.Quantile(0.95), curve.Steps);
    }

    /// <summary>When the first impacted request began; null where none was.</summary>
    public static long? FirstImpactUnixNs(TestedEpisode episode) =>
        episode.Requests.Where(TestedEpisode.IsImpacted).Select(request => (long?)request.Label.StartUnixNs).Min();

    /// <summary>When the first true alarm came; null where none did.</summary>
    public static long? FirstAlarmUnixNs(TestedEpisode episode, int detector) =>
        episode.Requests.Where(request => request.Decisions[detector].Alarm && TestedEpisode.IsTouchedOrImpacted(request))
            .Select(request => (long?)request.Decisions[detector].AtUnixNs).Min();
}
