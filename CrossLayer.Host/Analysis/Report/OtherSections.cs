using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Summaries;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>How sure, how often for nothing, at what price.</summary>
internal static class OtherSections
{
    /// <summary>Whether confidences are to be believed.</summary>
    public static Section Calibration(ExperimentSummary experiment) => new("How sure", experiment.Calibrations.Count == 0 ? [new Paragraph("No detector of both layers.")] :
    [
        new Paragraph("An alarm that says 0.8 should have the right cause in 80 % of the cases. All alarms with a cause count, those on ordinary requests as wrong."),
        new Plot("Confidence of alarms and share with the right cause (95 % intervals)", "summary.json: experiment.calibrations[].calibration.bins", Plots.Calibrations(experiment.Calibrations)),
        new Table("Calibration", "summary.json: experiment.calibrations[]", ["detector", "alarms with a cause", "Brier", "expected error", "without a cause", "score not from 0 to 1"],
        [
            .. experiment.Calibrations.Select(of => (IReadOnlyList<Cell>)
            [
                of.Detector, Words.Whole(of.Calibration.Claims), Words.Number(of.Calibration.Brier), Words.Number(of.Calibration.ExpectedError),
                Words.Whole(of.Unnamed), Words.Whole(of.OutOfRange),
            ]),
        ]),
    ]);

    /// <summary>Alarms where there should be none.</summary>
    public static Section FalseAlarms(ExperimentSummary experiment) => new("False alarms",
        experiment.FalseAlarms.Count == 0 ? [new Paragraph("There are neither control episodes nor ones that look like trouble and are none.")] :
    [
        new Paragraph("Control episodes are ordinary traffic that nothing was tuned on. The others look like trouble and are none: every alarm is a false one."),
        new Table("Requests with an alarm", "summary.json: experiment.false_alarms[].detectors[].requests",
            ["detector", .. experiment.FalseAlarms.Select(group => $"{group.Group} ({group.Episodes})")],
            [.. experiment.Detectors.Select((detector, i) => (IReadOnlyList<Cell>)[detector.Name, .. experiment.FalseAlarms.Select(group => RequestCell(group.Detectors[i]))])]),
        new Table("Episodes with an alarm", "summary.json: experiment.false_alarms[].detectors[].episodes",
            ["detector", .. experiment.FalseAlarms.Select(group => group.Group)],
            [.. experiment.Detectors.Select((detector, i) => (IReadOnlyList<Cell>)[detector.Name, .. experiment.FalseAlarms.Select(group => (Cell)Words.Of(group.Detectors[i].Episodes))])]),
    ]);

    /// <summary>What was injected and what came of it.</summary>
    public static Section Injections(ExperimentSummary experiment)
    {
        var blocks = new List<Block>
        {
            new Paragraph("A fault that met nothing cannot be found, and one that nobody noticed need not be: both are kept out of all figures above."),
            new Table("What became of the injections, in episodes", "summary.json: experiment.injections[]",
                ["kind", "with impact", "of these, one of two met nothing", "without impact", "met nothing"],
                [
                    .. experiment.Injections.Select(of => (IReadOnlyList<Cell>)
                    [
                        Words.KindTitle(of.Kind), Words.Whole(of.WithImpact), Words.Whole(of.PartlyApplied),
                        Counted(of.WithoutImpact, of.WithoutImpactScenarios), Counted(of.NotApplied, of.NotAppliedScenarios),
                    ]),
                ]),
        };
        blocks.AddRange(experiment.Injections.Where(of => of.FoundWithoutImpact.Count > 0).Select(of => new Table(
            $"{Words.KindTitle(of.Kind)}, episodes without impact: touched requests with an alarm", $"summary.json: experiment.injections[{of.Kind}].found_without_impact",
            ["detector", "recall, touched"],
            [.. of.FoundWithoutImpact.Select(found => (IReadOnlyList<Cell>)[found.Detector, new Cell(Words.WithInterval(found.Share), null, Words.Of(found.Share))])])));
        return new Section("Injections", blocks);
    }

    /// <summary>What applications reported and the kernel saw.</summary>
    public static Section Metrics(IReadOnlyList<MetricsSummary> metrics)
    {
        var blocks = new List<Block>
        {
            new Table("What applications reported", "summary.json: metrics[].application",
                ["traffic", "episodes", "requests", "p50 ms", "p95 ms", "p99 ms", "success", "errors", "requests/s"],
                [
                    .. metrics.Select(of => (IReadOnlyList<Cell>)
                    [
                        of.Name, Words.Whole(of.Episodes), Words.Whole(of.Application.Requests), Words.Number(of.Application.LatencyMs?.P50), Words.Number(of.Application.LatencyMs?.P95),
                        Words.Number(of.Application.LatencyMs?.P99), Words.FinePercent(of.Application.SuccessRate.Value), Words.FinePercent(of.Application.ErrorRate.Value),
                        Words.Number(of.Application.RequestsPerSecond),
                    ]),
                ]),
            new Table("What the kernel saw", "summary.json: metrics[].kernel",
                ["traffic", "events", "events/request", "connections", "bytes sent", "bytes received", "socket lifetime p50 ms", "p95 ms", "p99 ms", "retransmits", "resets"],
                [.. metrics.Where(of => of.Kernel is not null).Select(of => Row(of.Name, of.Kernel!))]),
            new Table("What both add up to", "summary.json: metrics[].verdicts",
                ["traffic", "correlations", "matched", "healthy", "discrepant", "inconclusive", "causes"],
                [
                    .. metrics.Where(of => of.Verdicts is not null).Select(of => (of.Name, Verdicts: of.Verdicts!)).Select(of => (IReadOnlyList<Cell>)
                    [
                        of.Name, Words.Whole(of.Verdicts.Correlations), Words.FinePercent(of.Verdicts.Matched.Value), Words.Whole(of.Verdicts.Healthy),
                        Words.Whole(of.Verdicts.Discrepant), Words.Whole(of.Verdicts.Inconclusive),
                        string.Join(", ", of.Verdicts.Causes.OrderByDescending(cause => cause.Value).Select(cause => $"{cause.Key} {cause.Value}")),
                    ]),
                ]),
        };
        return new Section("What each layer reports", [.. blocks.Where(block => block is Table { Rows.Count: > 0 })]);
    }

    /// <summary>What the probe costs.</summary>
    public static Section Costs(CostSummary costs) => new("What it costs",
    [
        new Paragraph("Each ratio is with the probe, divided by without, of the same load; the median over pairs with its 95 % interval."
            + (costs.Unpaired > 0 ? $" {costs.Unpaired} measurements had no other half and were left out." : "")),
        new Table("With the probe, divided by without", "summary.json: costs.loads[]", ["load", "pairs", "requests/s", "processor time/request", "p50 latency", "p99 latency"],
        [
            .. costs.Loads.Select(load => (IReadOnlyList<Cell>)
            [
                load.Load, Words.Whole(load.ThroughputRatio.Pairs), Ratio(load.ThroughputRatio), Ratio(load.CpuRatio), Ratio(load.P50Ratio), Ratio(load.P99Ratio),
            ]),
        ]),
    ]);

    /// <summary>The figures beside published ones.</summary>
    public static Section Targets(ExperimentSummary experiment) => new("Beside published figures",
    [
        new Paragraph("Met or not met by the figure itself; where its interval reaches over the target, that is not sure. How often requests are matched with their exchange "
            + "(published: 90–95 %) is measured apart: docs/matching.md."),
        new Table("Targets", "summary.json: experiment.targets[]", ["figure", "published", "target", "reached", "of", "met", "computed from"],
        [
            .. experiment.Targets.Select(target => (IReadOnlyList<Cell>)
            [
                target.Figure, target.Published.Length > 0 ? target.Published : Words.Nothing, target.Target, Reached(target), target.Of.Length > 0 ? target.Of : Words.Nothing, target.Met, target.Source,
            ]),
        ]),
    ]);

    private static Cell Counted(int episodes, IReadOnlyDictionary<string, int> scenarios) => new(
        Words.Whole(episodes), null, scenarios.Count == 0 ? null : string.Join(", ", scenarios.Select(scenario => $"{scenario.Key} {scenario.Value}")));

    private static string Reached(TargetSummary target) => target.Target.EndsWith('s')
        ? target.Met == TargetTable.NoData ? Words.Nothing : Words.Seconds(target.Reached)
        : Words.FinePercent(target.Reached) + Words.Between(target.Interval);

    private static Cell RequestCell(FalseAlarms alarms) =>
        new(Words.FineWithInterval(alarms.Requests), null, Words.Of(alarms.Requests) + (alarms.Abstained > 0 ? $", {alarms.Abstained} abstained" : ""));

    private static IReadOnlyList<Cell> Row(string name, KernelMetrics kernel) =>
    [
        name, Words.Whole(kernel.Events), Words.Number(kernel.EventsPerRequest), Words.Whole(kernel.Connections), Words.Whole(kernel.BytesSent), Words.Whole(kernel.BytesReceived),
        Words.Number(kernel.SocketLifetimeMs?.P50), Words.Number(kernel.SocketLifetimeMs?.P95), Words.Number(kernel.SocketLifetimeMs?.P99),
        Words.Whole(kernel.Retransmits), Words.Whole(kernel.Resets),
    ];

    private static string Ratio(RatioSummary ratio) => Words.Number(ratio.Median)
        + (ratio.Interval is { } interval ? FormattableString.Invariant($" ({interval.Low:0.###}–{interval.High:0.###})") : "");
}
