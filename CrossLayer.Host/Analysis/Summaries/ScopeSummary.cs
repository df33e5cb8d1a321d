using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>What detectors made of the episodes of one kind whose injection had an impact.</summary>
/// <param name="Kind">The kind of episodes.</param>
/// <param name="Episodes">How many there are.</param>
/// <param name="Requests">Requests in them.</param>
/// <param name="Touched">Requests that a fault met.</param>
/// <param name="Impacted">Requests that were impacted while a fault was in force.</param>
/// <param name="ImpactedUnarmed">Requests that went wrong or were slow while none was: no positives.</param>
/// <param name="BestSingleLayer">The detector of one layer with the best recall on impacted requests here; null without any.</param>
/// <param name="Detectors">Each detector over all of them.</param>
/// <param name="Scenarios">Each scenario for itself.</param>
/// <param name="EpisodeComparisons">cross_layer and each other, on episodes detected.</param>
/// <param name="RequestComparisons">cross_layer and each other, on impacted requests found.</param>
/// <param name="TouchedDifferences">Recall on touched requests beyond the union's.</param>
/// <param name="ImpactedDifferences">Recall on impacted requests beyond the union's.</param>
/// <param name="BlindSpots">What cross_layer finds and others do not, and the reverse.</param>
internal sealed record ScopeSummary(
    string Kind,
    int Episodes,
    long Requests,
    long Touched,
    long Impacted,
    long ImpactedUnarmed,
    string? BestSingleLayer,
    IReadOnlyList<DetectorSummary> Detectors,
    IReadOnlyList<ScenarioSummary> Scenarios,
    IReadOnlyList<Comparison> EpisodeComparisons,
    IReadOnlyList<Comparison> RequestComparisons,
    IReadOnlyList<RecallDifference> TouchedDifferences,
    IReadOnlyList<RecallDifference> ImpactedDifferences,
    IReadOnlyList<BlindSpot> BlindSpots)
{
    /// <summary>A detector by its name; null where there is none.</summary>
    public DetectorSummary? Of(string detector) => Detectors.FirstOrDefault(summary => summary.Detector == detector);
}

/// <summary>A detector over some episodes.</summary>
/// <param name="Detector">Its name.</param>
/// <param name="Touched">How well it finds requests that a fault met.</param>
/// <param name="Impacted">How well it finds requests that were impacted.</param>
/// <param name="EpisodesDetected">Episodes with a true alarm.</param>
/// <param name="Delay">How soon.</param>
/// <param name="Causes">How well it names causes; null where it names none.</param>
internal sealed record DetectorSummary(
    string Detector, Detection Touched, Detection Impacted, Share EpisodesDetected, Delay Delay, CauseFigures? Causes);

/// <summary>The episodes of one scenario.</summary>
/// <param name="Scenario">Its name; those of a mix with a plus between them.</param>
/// <param name="Episodes">How many there are.</param>
/// <param name="Detectors">Each detector.</param>
internal sealed record ScenarioSummary(string Scenario, int Episodes, IReadOnlyList<DetectorSummary> Detectors);
