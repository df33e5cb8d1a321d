using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>Works out a <see cref="ScopeSummary"/>.</summary>
internal static class ScopeAnalysis
{
    /// <summary>The figures of some episodes of one kind.</summary>
    /// <param name="episodes">Those with impact, at least one.</param>
    public static ScopeSummary Of(EpisodeKind kind, IReadOnlyList<DetectorDescription> detectors, IReadOnlyList<TestedEpisode> episodes)
    {
        var bootstrap = new ClusterBootstrap(episodes.Count);
        var summaries = DetectorsOver(detectors, episodes, bootstrap);
        var best = Best(detectors, summaries);
        var crossLayer = IndexOf(detectors, DetectorDescription.CrossLayerName);
        var names = detectors.Select(detector => detector.Name).ToList();
        return new ScopeSummary(
            TestedEpisode.Name(kind),
            episodes.Count,
            episodes.Sum(episode => (long)episode.Requests.Count),
            Count(TestedEpisode.IsTouched),
            Count(TestedEpisode.IsImpacted),
            Count(request => request.Impacted && !request.Label.Armed),
            best is { } index ? detectors[index].Name : null,
            summaries,
            [
                .. episodes.GroupBy(episode => episode.Scenario).OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => OfScenario(group.Key, detectors, [.. group])),
            ],
            crossLayer is { } first ? Comparison.WithEach(names, first, [.. episodes.Select(DetectedBy)]) : [],
            crossLayer is { } second ? Comparison.WithEach(names, second, FoundBy(episodes)) : [],
            Differences(detectors, episodes, TestedEpisode.IsTouched, bootstrap),
            Differences(detectors, episodes, TestedEpisode.IsImpacted, bootstrap),
            crossLayer is { } third ? BlindSpot.Of(detectors, third, best, episodes, bootstrap) : []);

        long Count(Func<ScoredRequest, bool> counts) => episodes.Sum(episode => episode.Requests.LongCount(counts));

        bool[] DetectedBy(TestedEpisode episode) => [.. names.Select((_, i) => IsDetected(episode, i))];
    }

    /// <summary>Where a detector stands in the list; null where it does not.</summary>
    public static int? IndexOf(IReadOnlyList<DetectorDescription> detectors, string name)
    {
        for (var i = 0; i < detectors.Count; i++)
            if (detectors[i].Name == name)
                return i;
        return null;
    }

    private static ScenarioSummary OfScenario(string name, IReadOnlyList<DetectorDescription> detectors, IReadOnlyList<TestedEpisode> episodes) =>
        new(name, episodes.Count, DetectorsOver(detectors, episodes, new ClusterBootstrap(episodes.Count)));

    private static List<DetectorSummary> DetectorsOver(
        IReadOnlyList<DetectorDescription> detectors, IReadOnlyList<TestedEpisode> episodes, ClusterBootstrap bootstrap) =>
    [
        .. detectors.Select((detector, i) => new DetectorSummary(
            detector.Name,
            Detection.Of(episodes, i, TestedEpisode.IsTouched, bootstrap),
            Detection.Of(episodes, i, TestedEpisode.IsImpacted, bootstrap),
            Share.OfTrials(episodes.Count(episode => IsDetected(episode, i)), episodes.Count),
            Delay.Of(episodes, i),
            CauseFigures.Of(episodes, i, bootstrap))),
    ];

    private static bool IsDetected(TestedEpisode episode, int detector) => Delay.FirstAlarmUnixNs(episode, detector) is not null;

    private static List<bool[]> FoundBy(IReadOnlyList<TestedEpisode> episodes) =>
    [
        .. episodes.SelectMany(episode => episode.Requests).Where(TestedEpisode.IsImpacted)
            .Select(request => request.Decisions.Select(decision => decision.Alarm).ToArray()),
    ];

    // Chosen on the very episodes that it is compared on: that is in its favour.
    private static int? Best(IReadOnlyList<DetectorDescription> detectors, List<DetectorSummary> summaries) =>
        Enumerable.Range(0, detectors.Count)
            .Where(i => detectors[i].Layer is DetectorLayer.Application or DetectorLayer.Kernel)
            .OrderByDescending(i => summaries[i].Impacted.Recall.Value ?? 0)
            .Select(i => (int?)i).FirstOrDefault();

    private static List<RecallDifference> Differences(
        IReadOnlyList<DetectorDescription> detectors, IReadOnlyList<TestedEpisode> episodes, Func<ScoredRequest, bool> isPositive, ClusterBootstrap bootstrap) =>
        IndexOf(detectors, DetectorDescription.UnionName) is not { } union ? [] :
        [
            .. Enumerable.Range(0, detectors.Count).Where(i => detectors[i].Layer == DetectorLayer.CrossLayer)
                .Select(i => RecallDifference.Of(detectors, i, union, episodes, isPositive, bootstrap)),
        ];
}
