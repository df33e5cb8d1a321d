using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>Holds what detectors decided against what is known. Pure.</summary>
internal static class ExperimentAnalysis
{
    private static readonly EpisodeKind[] Injected = [EpisodeKind.Fault, EpisodeKind.HeldOut, EpisodeKind.Mix];
    private static readonly EnumNames<DetectorLayer> Layers = new();
    private static readonly EnumNames<RequestRole> Roles = new();

    /// <summary>The figures of an experiment.</summary>
    /// <param name="scored">What detectors decided.</param>
    /// <param name="falsePositiveTarget">What they were tuned to.</param>
    /// <param name="costs">What the probe costs, for the figures aimed at; null where it was not measured.</param>
    /// <param name="cancellation">Stops between two kinds of episodes.</param>
    public static ExperimentSummary Of(
        ScoredExperiment scored, double falsePositiveTarget, CostSummary? costs, CancellationToken cancellation = default)
    {
        var detectors = scored.Detectors;
        var episodes = scored.Episodes.Select(episode => new TestedEpisode(episode)).ToList();
        var scopes = new List<ScopeSummary>();
        foreach (var kind in Injected)
        {
            cancellation.ThrowIfCancellationRequested();
            var impacted = episodes.Where(episode => episode.Kind == kind && episode.Fate == InjectionFate.WithImpact).ToList();
            if (impacted.Count > 0)
                scopes.Add(ScopeAnalysis.Of(kind, detectors, impacted));
        }

        var summary = new ExperimentSummary(
            falsePositiveTarget,
            [.. detectors.Select(detector => new DetectorEntry(detector.Name, Layers[detector.Layer].Value, detector.Threshold, detector.FalsePositiveRate))],
            [.. scored.SlowLimits.Select(limit => new SlowLimitEntry(Roles[limit.Slow.Role!.Value].Value, limit.Slow.Route, limit.Slow.Limit.TotalMilliseconds, limit.Requests))],
            Enum.GetValues<EpisodeKind>().Where(kind => episodes.Any(episode => episode.Kind == kind))
                .ToDictionary(TestedEpisode.Name, kind => episodes.Count(episode => episode.Kind == kind)),
            [.. Injected.Where(kind => episodes.Any(episode => episode.Kind == kind)).Select(kind => Fates(kind, detectors, episodes))],
            scopes,
            FalseAlarmGroups(detectors, episodes),
            [
                .. Enumerable.Range(0, detectors.Count).Where(i => detectors[i].Layer == DetectorLayer.CrossLayer)
                    .Select(i => Calibrate(detectors[i].Name, i, episodes)),
            ],
            []);
        return summary with { Targets = TargetTable.Of(summary, scored, costs) };
    }

    private static InjectionSummary Fates(EpisodeKind kind, IReadOnlyList<DetectorDescription> detectors, List<TestedEpisode> episodes)
    {
        var ofKind = episodes.Where(episode => episode.Kind == kind).ToList();
        var without = ofKind.Where(episode => episode.Fate == InjectionFate.WithoutImpact).ToList();
        var notApplied = ofKind.Where(episode => episode.Fate == InjectionFate.NotApplied).ToList();
        return new InjectionSummary(
            TestedEpisode.Name(kind),
            ofKind.Count(episode => episode.Fate == InjectionFate.WithImpact),
            ofKind.Count(episode => episode.Fate == InjectionFate.WithImpact && episode.Label.Faults.Any(fault => !fault.Applied)),
            without.Count,
            notApplied.Count,
            ByScenario(without),
            ByScenario(notApplied),
            without.Count == 0 ? [] :
            [
                .. detectors.Select((detector, i) => new DetectorShare(detector.Name,
                    Detection.Of(without, i, TestedEpisode.IsTouched, new ClusterBootstrap(without.Count)).Recall)),
            ]);
    }

    private static SortedDictionary<string, int> ByScenario(List<TestedEpisode> episodes) =>
        new(episodes.CountBy(episode => episode.Scenario).ToDictionary(), StringComparer.Ordinal);

    private static List<FalseAlarmSummary> FalseAlarmGroups(IReadOnlyList<DetectorDescription> detectors, List<TestedEpisode> episodes) =>
    [
        .. episodes.Where(episode => episode.Kind is EpisodeKind.Control or EpisodeKind.Negative)
            .GroupBy(episode => (episode.Kind, Name: episode.Kind == EpisodeKind.Control ? TestedEpisode.Name(EpisodeKind.Control) : episode.Scenario))
            .OrderBy(group => group.Key.Kind).ThenBy(group => group.Key.Name, StringComparer.Ordinal)
            .Select(group => new FalseAlarmSummary(group.Key.Name, group.Count(), FalseAlarms.Of(detectors, [.. group]))),
    ];

    // Every alarm that names a cause counts, but for those in the traffic that was tuned on: on ordinary requests the cause is wrong.
    private static CalibrationSummary Calibrate(string name, int detector, List<TestedEpisode> episodes)
    {
        var (unnamed, outOfRange) = (0, 0);
        var claims = new List<(double, bool)>();
        foreach (var episode in episodes.Where(episode => episode.Kind != EpisodeKind.Benign))
        {
            foreach (var request in episode.Requests)
            {
                var decision = request.Decisions[detector];
                if (!decision.Alarm)
                    continue;
                if (decision.Cause is not { } cause || cause == Cause.Unknown)
                    unnamed++;
                else if (decision.Score is not (>= 0 and <= 1))
                    outOfRange++;
                else
                    claims.Add((decision.Score, TestedEpisode.IsTouchedOrImpacted(request) && episode.Causes.Contains(cause)));
            }
        }

        return new CalibrationSummary(name, unnamed, outOfRange, Calibration.Of(claims));
    }
}
