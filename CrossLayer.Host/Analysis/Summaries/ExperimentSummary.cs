using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>What detectors made of an experiment.</summary>
/// <param name="FalsePositiveTarget">The share of ordinary requests that detectors were tuned to alarm on at most.</param>
/// <param name="Detectors">The detectors, tuned.</param>
/// <param name="SlowLimits">From when on requests were slow for the detectors of both layers, in the order in which they are tried.</param>
/// <param name="Episodes">How many episodes there are of each kind.</param>
/// <param name="Injections">What became of what was to be injected.</param>
/// <param name="Scopes">Faults, faults at unseen levels, and mixes, each for itself.</param>
/// <param name="FalseAlarms">Alarms on control episodes, and on each scenario that looks like trouble and is none.</param>
/// <param name="Calibrations">Whether confidences are to be believed.</param>
/// <param name="Targets">The figures beside the published ones and those aimed at.</param>
internal sealed record ExperimentSummary(
    double FalsePositiveTarget,
    IReadOnlyList<DetectorEntry> Detectors,
    IReadOnlyList<SlowLimitEntry> SlowLimits,
    IReadOnlyDictionary<string, int> Episodes,
    IReadOnlyList<InjectionSummary> Injections,
    IReadOnlyList<ScopeSummary> Scopes,
    IReadOnlyList<FalseAlarmSummary> FalseAlarms,
    IReadOnlyList<CalibrationSummary> Calibrations,
    IReadOnlyList<TargetSummary> Targets)
{
    /// <summary>The episodes of a kind; null where there were none with impact.</summary>
    public ScopeSummary? Scope(string kind) => Scopes.FirstOrDefault(scope => scope.Kind == kind);
}

/// <summary>A detector, tuned.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Layer">What it looks at.</param>
/// <param name="Threshold">A score above it is an alarm.</param>
/// <param name="FalsePositiveRate">The share of ordinary requests that it alarms on, on the traffic that it was tuned on.</param>
internal sealed record DetectorEntry(string Name, string Layer, double Threshold, double FalsePositiveRate);

/// <summary>From when on requests are slow, as ordinary traffic shows it.</summary>
/// <param name="Role">Who reports them: <c>client</c> or <c>server</c>.</param>
/// <param name="Route">Their route.</param>
/// <param name="LimitMs">The limit in milliseconds.</param>
/// <param name="Requests">How many ordinary requests it rests on.</param>
internal sealed record SlowLimitEntry(string Role, string Route, double LimitMs, int Requests);

/// <summary>What became of what was to be injected in the episodes of one kind.</summary>
/// <param name="Kind">The kind of episodes.</param>
/// <param name="WithImpact">Episodes with an impacted request: all other figures are of these.</param>
/// <param name="PartlyApplied">Of these, the ones in which another fault met nothing.</param>
/// <param name="WithoutImpact">Episodes whose fault met something, and no request was the worse for it.</param>
/// <param name="NotApplied">Episodes whose fault met nothing.</param>
/// <param name="WithoutImpactScenarios">These, by scenario.</param>
/// <param name="NotAppliedScenarios">Those whose fault met nothing, by scenario.</param>
/// <param name="FoundWithoutImpact">Touched requests of the episodes without impact that each detector alarms on.</param>
internal sealed record InjectionSummary(
    string Kind, int WithImpact, int PartlyApplied, int WithoutImpact, int NotApplied,
    IReadOnlyDictionary<string, int> WithoutImpactScenarios, IReadOnlyDictionary<string, int> NotAppliedScenarios, IReadOnlyList<DetectorShare> FoundWithoutImpact);

/// <summary>A detector's share.</summary>
internal sealed record DetectorShare(string Detector, Share Share);

/// <summary>Alarms where there should be none.</summary>
/// <param name="Group"><c>control</c>, or the scenario's name.</param>
/// <param name="Episodes">How many episodes there are.</param>
/// <param name="Detectors">Each detector.</param>
internal sealed record FalseAlarmSummary(string Group, int Episodes, IReadOnlyList<FalseAlarms> Detectors);

/// <summary>Whether a detector's scores are to be believed as confidences in its causes.</summary>
/// <param name="Detector">The detector.</param>
/// <param name="Unnamed">Alarms without a cause, or with cause <c>unknown</c>: they claim nothing.</param>
/// <param name="OutOfRange">Alarms whose score is not from 0 to 1.</param>
/// <param name="Calibration">The others.</param>
internal sealed record CalibrationSummary(string Detector, int Unnamed, int OutOfRange, Calibration Calibration);

/// <summary>A figure beside those of others and the one aimed at.</summary>
/// <param name="Figure">Which.</param>
/// <param name="Published">What others published.</param>
/// <param name="Target">What is aimed at.</param>
/// <param name="Reached">What was reached; null without data.</param>
/// <param name="Interval">Its interval.</param>
/// <param name="Of">What it was counted from.</param>
/// <param name="Met"><c>met</c>, <c>not met</c> or <c>no data</c>: by the figure itself, not by its interval.</param>
/// <param name="Source">Where it stands in summary.json.</param>
internal sealed record TargetSummary(
    string Figure, string Published, string Target, double? Reached, Interval? Interval, string Of, string Met, string Source);
