using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Host.Analysis.Output;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Analysis.Summaries;

namespace CrossLayer.Host.Analysis.Report;

/// <summary>How the figures were made, and what speaks against them.</summary>
internal static class MethodSections
{
    /// <summary>How the figures were made.</summary>
    public static Section Methods(ExperimentSummary experiment) => new("Methods",
    [
        new Points(
        [
            "Labels come from the injector and from the client's own check of each body; no detector opens their files. A request is touched where a fault met it, and impacted where it went wrong or was slower "
                + "than is ordinary on its route while a fault was in force.",
            "Touched and impacted are two questions. For each, an alarm on any other request is a false one, in time with a fault and without. To abstain is to miss.",
            FormattableString.Invariant($"Each detector alarms above a score that leaves at most {experiment.FalsePositiveTarget * 100:0.###} % false alarms on ordinary traffic (kind benign); that traffic is in no other figure."),
            "An episode is detected if there is an alarm on a touched or impacted request. Its causes are ranked by the sum of the scores of its alarms.",
            "In a mix either injected cause is right as the first one; for the first three, both must be among them. A fault that met nothing is no cause.",
            FormattableString.Invariant($"Intervals are 95 %: Wilson's over episodes and over requests of traffic without a fault; over requests of faulty episodes {ClusterBootstrap.DefaultDraws} draws of whole episodes, seed {ClusterBootstrap.DefaultSeed}, percentiles."),
            "Detectors are compared by McNemar's exact test, corrected after Holm for the number of detectors compared with.",
            "The best detector of one layer is chosen on the episodes that it is shown on: that is in its favour.",
            "Delay runs from the start of the first impacted request to the first true alarm; an episode without one is censored at the end of its last request (Kaplan-Meier). An alarm before the first impact counts as 0 s.",
            "Quantiles of latencies are interpolated as numpy does by default.",
        ]),
        new Table("Detectors, as tuned", "summary.json: experiment.detectors[]", ["detector", "looks at", "alarm above a score of", "false positives in tuning"],
            [.. experiment.Detectors.Select(of => (IReadOnlyList<Cell>)[of.Name, of.Layer, Words.Number(of.Threshold), Words.FinePercent(of.FalsePositiveRate)])]),
        .. experiment.SlowLimits.Count == 0 ? [] : (Block[])
        [
            new Paragraph(FormattableString.Invariant($"The detectors of both layers learn as well, from what is reported of the same ordinary traffic, from when on a request is slow: ")
                + FormattableString.Invariant($"the {LearnedLimits.Share * 100:0.#}th percentile of its route by nearest rank, times {LearnedLimits.Margin}. ")
                + $"{SlowRoutesFile.Name} beside this report has the limits as settings, to be put into a configuration."),
            new Table("From when on a request is slow", $"{SlowRoutesFile.Name}; summary.json: experiment.slow_limits[]", ["reported by", "route", "limit ms", "rests on requests"],
                [.. experiment.SlowLimits.Select(of => (IReadOnlyList<Cell>)[of.Role, of.Route, Words.Number(of.LimitMs), Words.Whole(of.Requests)])]),
        ],
        new Table("Episodes", "summary.json: experiment.episodes", ["kind", "episodes"], [.. experiment.Episodes.Select(of => (IReadOnlyList<Cell>)[of.Key, Words.Whole(of.Value)])]),
    ]);

    /// <summary>What speaks against the figures.</summary>
    public static Section Threats() => new("Threats to validity",
    [
        new Points(
        [
            "Tuning and testing on the same scenarios: thresholds are tuned on ordinary traffic alone, but the rules of cross_layer were written by people who knew the scenarios. Levels that were not seen, and mixes, are shown apart for that reason.",
            "A label that leaks: episodes are numbered and not named, labels are in a folder that detectors do not open, and the router's own drop events are not recorded. Ports, paths and sizes are the load's, the same with a fault and without; "
                + "that none of them correlates with a fault is by construction, and is not tested here.",
            "Fixed fault times: where faults always come at the same time of an episode, a detector could learn the time. No detector here knows how far an episode has gone.",
            "Two ends in view is more than most have: cross_layer_client_end and cross_layer_server_end see one end alone, and stand beside it.",
            "The path is a pair of virtual cables with almost no delay: timeouts and fast retransmissions have other proportions than on a real path.",
            "Segmentation offload is off in the lab (one segment a packet), so that a drop is one segment; on real hosts one drop can take many.",
            "One kernel, one congestion control: how loss looks to the sender depends on both.",
            "Requests that are slow by chance while a fault is in force count as impacted, and as missed where nobody alarms.",
        ]),
    ]);
}
