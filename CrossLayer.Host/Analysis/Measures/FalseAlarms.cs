using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>
/// Alarms of a detector where there should be none. Where something may be found, since it is true (a pause of a process), an alarm is
/// false if it names another cause.
/// </summary>
/// <param name="Detector">The detector.</param>
/// <param name="Requests">Requests with an alarm.</param>
/// <param name="Episodes">Episodes with an alarm.</param>
/// <param name="Abstained">Requests of which it said that it cannot say.</param>
internal sealed record FalseAlarms(string Detector, Share Requests, Share Episodes, long Abstained)
{
    /// <summary>Those of every detector.</summary>
    public static IReadOnlyList<FalseAlarms> Of(IReadOnlyList<DetectorDescription> detectors, IReadOnlyList<TestedEpisode> episodes) =>
    [
        .. detectors.Select((detector, i) => new FalseAlarms(
            detector.Name,
            Share.OfTrials(episodes.Sum(episode => episode.Requests.LongCount(request => IsFalse(episode, request.Decisions[i]))), episodes.Sum(episode => (long)episode.Requests.Count)),
            Share.OfTrials(episodes.Count(episode => episode.Requests.Any(request => IsFalse(episode, request.Decisions[i]))), episodes.Count),
            episodes.Sum(episode => episode.Requests.LongCount(request => request.Decisions[i].Abstained)))),
    ];

    private static bool IsFalse(TestedEpisode episode, Decision decision) =>
        decision.Alarm && (episode.MayBeFound.Count == 0 || (decision.Cause is { } cause && !episode.MayBeFound.Contains(cause)));
}
