using System.Globalization;
using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>
/// The figures beside published ones and those aimed at: NetMedic (SIGCOMM 2009), Nezha (ESEC/FSE 2023), Panorama (OSDI 2018), DeepFlow (SIGCOMM 2023).
/// </summary>
internal static class TargetTable
{
    /// <summary>Where there is nothing to compute a figure from.</summary>
    public const string NoData = "no data";

    private const string Detector = DetectorDescription.CrossLayerName;

    // Where nothing moves until something times out.
    private static readonly string[] SlowScenarios = ["silent_response_loss", "idle_connection_drop"];

    /// <summary>The table.</summary>
    public static IReadOnlyList<TargetSummary> Of(ExperimentSummary summary, ScoredExperiment scored, CostSummary? costs)
    {
        var (fault, heldOut, mix) = (summary.Scope("fault"), summary.Scope("held_out"), summary.Scope("mix"));
        return
        [
            Top1("top-1 cause by episode, known levels, seeds not seen", "80 % (NetMedic), 90 % (Nezha)", fault, 0.90),
            Top1("top-1 cause by episode, levels not seen", "", heldOut, 0.75),
            Top1("top-1 cause by episode, mixes", "", mix, 0.75),
            Slowest("delay p95, all but silent_response_loss and idle_connection_drop", scored, slow: false, 2),
            Slowest("delay p95, silent_response_loss and idle_connection_drop", scored, slow: true, 7),
            AtMost("false positives in control traffic", "",
                summary.FalseAlarms.FirstOrDefault(group => group.Group == "control")?.Detectors.FirstOrDefault(alarms => alarms.Detector == Detector)?.Requests,
                0.001, "false_alarms[group=control].detectors[cross_layer].requests"),
            AtLeast("precision on impacted requests, path_loss", "", OfScenario(fault, "path_loss")?.Impacted.Precision, 0.80,
                "scopes[fault].scenarios[path_loss].detectors[cross_layer].impacted.precision"),
            AtLeast("recall on impacted requests, silent_response_loss", "", OfScenario(fault, "silent_response_loss")?.Impacted.Recall, 0.95,
                "scopes[fault].scenarios[silent_response_loss].detectors[cross_layer].impacted.recall"),
            Cost("cost in paced load: median latency, more", "4.5–7 % of throughput (DeepFlow)", costs?.Of("paced")?.P50Ratio, ratio => ratio - 1, 0.05,
                "costs.loads[paced].p50_ratio, less 1"),
            Cost("cost at saturation: throughput, less", "30–39 % (DeepFlow)", costs?.Of("saturated")?.ThroughputRatio, ratio => 1 - ratio, 0.25,
                "1 less costs.loads[saturated].throughput_ratio"),
        ];
    }

    private static DetectorSummary? OfScenario(ScopeSummary? scope, string scenario) =>
        scope?.Scenarios.FirstOrDefault(of => of.Scenario == scenario)?.Detectors.FirstOrDefault(of => of.Detector == Detector);

    private static TargetSummary Top1(string figure, string published, ScopeSummary? scope, double target) =>
        AtLeast(figure, published, scope?.Of(Detector)?.Causes?.EpisodeTop1, target,
            scope is null ? "scopes" : $"scopes[{scope.Kind}].detectors[cross_layer].causes.episode_top1");

    private static TargetSummary AtLeast(string figure, string published, Share? share, double target, string source) =>
        Row(figure, published, $"≥ {Percent(target)}", share, share?.Value >= target, source);

    private static TargetSummary AtMost(string figure, string published, Share? share, double target, string source) =>
        Row(figure, published, $"≤ {Percent(target)}", share, share?.Value <= target, source);

    private static TargetSummary Row(string figure, string published, string target, Share? share, bool? isMet, string source) => new(
        figure, published, target, share?.Value, share?.Interval,
        share is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{share.Numerator} of {share.Denominator}"),
        Met(share?.Value is null ? null : isMet), source);

    // Misses count: where the curve does not come to 95 %, the aim is missed.
    private static TargetSummary Slowest(string figure, ScoredExperiment scored, bool slow, double seconds)
    {
        const string Source = "episodes.csv: cross_layer_delay_ms, cross_layer_detected (kinds fault, held_out and mix)";
        var episodes = scored.Episodes.Select(episode => new TestedEpisode(episode))
            .Where(episode => episode.Fate == InjectionFate.WithImpact && IsSlow(episode) == slow).ToList();
        var target = string.Create(CultureInfo.InvariantCulture, $"≤ {seconds} s");
        if (ScopeAnalysis.IndexOf(scored.Detectors, Detector) is not { } detector || episodes.Count == 0)
            return new TargetSummary(figure, "under 7 s (Panorama)", target, null, null, "", Met(null), Source);
        var delay = Delay.Of(episodes, detector);
        return new TargetSummary(figure, "under 7 s (Panorama)", target, delay.P95Seconds, null,
            string.Create(CultureInfo.InvariantCulture, $"{delay.Detected} detected, {delay.Censored} not"),
            Met(delay.P95Seconds is { } p95 && p95 <= seconds), Source);
    }

    private static bool IsSlow(TestedEpisode episode) => episode.Kind == EpisodeKind.Mix
        ? episode.Label.Faults.All(fault => SlowScenarios.Contains(fault.Scenario))
        : SlowScenarios.Contains(episode.Scenario);

    private static TargetSummary Cost(
        string figure, string published, RatioSummary? ratio, Func<double, double> costOf, double target, string source)
    {
        if (ratio is null)
            return new TargetSummary(figure, published, $"≤ {Percent(target)}", null, null, "", Met(null), source);
        var cost = costOf(ratio.Median);
        Interval? interval = ratio.Interval is { } bounds
            ? new Interval(Math.Min(costOf(bounds.Low), costOf(bounds.High)), Math.Max(costOf(bounds.Low), costOf(bounds.High)))
            : null;
        return new TargetSummary(figure, published, $"≤ {Percent(target)}", cost, interval,
            string.Create(CultureInfo.InvariantCulture, $"{ratio.Pairs} pairs"), Met(cost <= target), source);
    }

    private static string Met(bool? isMet) => isMet switch { true => "met", false => "not met", null => NoData };

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##} %");
}
