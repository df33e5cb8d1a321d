using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Analysis.Summaries;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>What each detector saw of the episodes of one kind: who was blind to what, how fast, what it took for the cause.</summary>
internal static class DetectionSection
{
    /// <summary>The section.</summary>
    public static Section Of(ScopeSummary scope, ExperimentSummary experiment)
    {
        var layers = experiment.Detectors.ToDictionary(detector => detector.Name, detector => detector.Layer);
        var at = $"summary.json: experiment.scopes[{scope.Kind}]";
        var blocks = new List<Block>
        {
            new Paragraph($"{scope.Episodes} episodes with {scope.Requests} requests: {scope.Touched} touched by a fault, {scope.Impacted} impacted by it. "
                + $"{scope.ImpactedUnarmed} more were slow or failed while no fault was in force; an alarm on those is a false one."),
            HeatMap(scope, layers, at),
            new Plot("Recall on impacted requests, all detectors tuned to the same rate of false positives (95 % intervals)",
                $"{at}.detectors[].impacted.recall",
                Plots.Bars([.. scope.Detectors.Select(detector => (detector.Detector, detector.Impacted.Recall, layers[detector.Detector] == "cross_layer"))])),
            Figures(scope, at),
            Matrices(scope, at),
            BlindSpots(scope, at),
            Differences(scope, at),
            Comparisons("episodes detected", scope.EpisodeComparisons, $"{at}.episode_comparisons"),
            Comparisons("impacted requests found; requests of an episode are not independent, so that these p-values are too small", scope.RequestComparisons, $"{at}.request_comparisons"),
        };
        blocks.AddRange(Causes(scope, at));
        blocks.AddRange(Delays(scope, at));
        return new Section(Words.KindTitle(scope.Kind), blocks);
    }

    private static Table HeatMap(ScopeSummary scope, Dictionary<string, string> layers, string at) => new(
        "Who sees what: share of the impacted requests of a scenario that a detector alarms on",
        $"{at}.scenarios[].detectors[].impacted.recall",
        ["detector", "looks at", .. scope.Scenarios.Select(scenario => $"{scenario.Scenario} ({scenario.Episodes})")],
        [
            .. scope.Detectors.Select((detector, i) => (IReadOnlyList<Cell>)
            [
                detector.Detector, layers[detector.Detector],
                .. scope.Scenarios.Select(scenario => scenario.Detectors[i].Impacted.Recall).Select(recall =>
                    new Cell(recall.Value is { } value ? FormattableString.Invariant($"{value * 100:0} %") : Words.Nothing, recall.Value,
                        FormattableString.Invariant($"{recall.Numerator}/{recall.Denominator}"))),
            ]),
        ]);

    private static Table Figures(ScopeSummary scope, string at) => new(
        "How well",
        $"{at}.detectors[]",
        ["detector", "episodes detected", "recall, touched", "precision, touched", "recall, impacted", "precision, impacted", "F1, impacted", "false positives, impacted"],
        [
            .. scope.Detectors.Select(detector => (IReadOnlyList<Cell>)
            [
                detector.Detector, ShareCell(detector.EpisodesDetected),
                ShareCell(detector.Touched.Recall), ShareCell(detector.Touched.Precision),
                ShareCell(detector.Impacted.Recall), ShareCell(detector.Impacted.Precision),
                new Cell(Words.WithInterval(detector.Impacted.F1)), new Cell(Words.FineWithInterval(detector.Impacted.FalsePositiveRate), null, Words.Of(detector.Impacted.FalsePositiveRate)),
            ]),
        ]);

    private static Table Matrices(ScopeSummary scope, string at) => new(
        "Decisions on requests; impacted is positive",
        $"{at}.detectors[].impacted.matrix",
        ["detector", "impacted: alarm", "impacted: silent", "impacted: abstained", "other: alarm", "other: silent", "other: abstained"],
        [
            .. scope.Detectors.Select(detector => detector.Impacted.Matrix).Select((matrix, i) => (IReadOnlyList<Cell>)
            [
                scope.Detectors[i].Detector, Words.Whole(matrix.TruePositives), Words.Whole(matrix.FalseNegatives), Words.Whole(matrix.AbstainedPositives),
                Words.Whole(matrix.FalsePositives), Words.Whole(matrix.TrueNegatives), Words.Whole(matrix.AbstainedNegatives),
            ]),
        ]);

    private static Table BlindSpots(ScopeSummary scope, string at) => new(
        "Blind spots: touched or impacted requests that only one side finds",
        $"{at}.blind_spots[]",
        ["held against", "only cross_layer finds", "only the other finds"],
        [.. scope.BlindSpots.Select(spot => (IReadOnlyList<Cell>)[spot.Baseline, ShareCell(spot.OnlyCrossLayer), ShareCell(spot.OnlyBaseline)])]);

    private static Table Differences(ScopeSummary scope, string at) => new(
        "Is correlating worth it? Recall beyond that of the two layers side by side, in percentage points",
        $"{at}.impacted_differences[] and .touched_differences[]",
        ["detector", "beyond", "impacted", "touched"],
        [
            .. scope.ImpactedDifferences.Zip(scope.TouchedDifferences, (impacted, touched) => (IReadOnlyList<Cell>)
            [
                impacted.Detector, impacted.Other, Difference(impacted), Difference(touched),
            ]),
        ]);

    private static Table Comparisons(string cases, IReadOnlyList<Comparison> comparisons, string source) => new(
        $"cross_layer and each other (McNemar, exact, Holm-corrected): {cases}",
        source,
        ["other", "only cross_layer", "only the other", "of", "p", "p, corrected"],
        [
            .. comparisons.Select(of => (IReadOnlyList<Cell>)
            [
                of.Other, Words.Whole(of.OnlyDetector), Words.Whole(of.OnlyOther), Words.Whole(of.Cases), Words.Chance(of.PValue), Words.Chance(of.HolmPValue),
            ]),
        ]);

    private static IEnumerable<Block> Causes(ScopeSummary scope, string at)
    {
        var named = scope.Detectors.Where(detector => detector.Causes is not null).ToList();
        if (named.Count == 0)
            yield break;
        yield return new Table("Causes named", $"{at}.detectors[].causes",
            ["detector", "top-1 by episode", "top-3 by episode", "top-1 of impacted requests", "top-1 of those with an alarm"],
            [
                .. named.Select(detector => (IReadOnlyList<Cell>)
                [
                    detector.Detector, ShareCell(detector.Causes!.EpisodeTop1), ShareCell(detector.Causes.EpisodeTop3),
                    ShareCell(detector.Causes.RequestTop1), ShareCell(detector.Causes.AlarmTop1),
                ]),
            ]);
        if (scope.Of(DetectorDescription.CrossLayerName)?.Causes is not { } causes)
            yield break;
        yield return Matrix("cross_layer: injected cause (rows) and the first cause named, by episode", $"{at}.detectors[cross_layer].causes.episodes", causes.Episodes);
        yield return Matrix("cross_layer: injected cause (rows) and cause named, by impacted request", $"{at}.detectors[cross_layer].causes.requests", causes.Requests);
    }

    private static Table Matrix(string caption, string source, IReadOnlyList<CauseCell> cells)
    {
        string[] last = ["unknown", CauseFigures.Abstained, CauseFigures.None];
        var columns = cells.Select(cell => cell.Diagnosed).Distinct()
            .OrderBy(name => Array.IndexOf(last, name)).ThenBy(name => name, StringComparer.Ordinal).ToList();
        return new Table(caption, source, ["injected", .. columns],
        [
            .. cells.GroupBy(cell => cell.Injected).Select(row => (IReadOnlyList<Cell>)
            [
                row.Key,
                .. columns.Select(column => row.FirstOrDefault(cell => cell.Diagnosed == column)?.Count ?? 0)
                    .Select(count => count == 0 ? new Cell("·") : new Cell(Words.Whole(count), (double)count / row.Sum(cell => cell.Count))),
            ]),
        ]);
    }

    private static IEnumerable<Block> Delays(ScopeSummary scope, string at)
    {
        string?[] shown = [DetectorDescription.CrossLayerName, "cross_layer_client_end", "cross_layer_server_end", DetectorDescription.UnionName, scope.BestSingleLayer];
        yield return new Plot("How fast: episodes not yet detected (Kaplan-Meier)", $"{at}.detectors[].delay.steps",
            Plots.Delays([.. shown.Distinct().Select(name => name is null ? null : scope.Of(name)).OfType<DetectorSummary>().Select(of => (of.Detector, of.Delay.Steps))]));
        yield return new Table("Delay from the start of the first impacted request to the first true alarm", $"{at}.detectors[].delay",
            ["detector", "median", "p95", "detected", "never", "before the first impact"],
            [
                .. scope.Detectors.Select(detector => (IReadOnlyList<Cell>)
                [
                    detector.Detector, Words.Seconds(detector.Delay.MedianSeconds), Words.Seconds(detector.Delay.P95Seconds),
                    Words.Whole(detector.Delay.Detected), Words.Whole(detector.Delay.Censored), Words.Whole(detector.Delay.Early),
                ]),
            ]);
    }

    private static Cell ShareCell(Share share) => new(Words.WithInterval(share), null, Words.Of(share));

    private static Cell Difference(RecallDifference difference) => difference.Difference is { } value
        ? FormattableString.Invariant($"{value * 100:+0.0;-0.0;0.0}")
            + (difference.Interval is { } interval ? FormattableString.Invariant($" ({interval.Low * 100:+0.0;-0.0;0.0} to {interval.High * 100:+0.0;-0.0;0.0})") : "")
        : Words.Nothing;
}
