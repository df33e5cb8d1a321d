using System.Globalization;
using CrossLayer.Host.Analysis.Measures;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>What there is to know in a sentence or two, made from the figures.</summary>
internal static class Headline
{
    /// <summary>Of an experiment: the first of faults, unseen levels and mixes that there is.</summary>
    public static string Of(ExperimentSummary experiment)
    {
        if (experiment.Scopes.Count == 0)
            return "No injected fault had an impact: there is nothing to find, and nothing is said of how well it would be found.";
        var scope = experiment.Scopes[0];
        if (scope.Of(DetectorDescription.CrossLayerName) is not { } cross)
            return $"There are no decisions of {DetectorDescription.CrossLayerName}: detectors are compared, and it is not among them.";
        var text = $"Of {scope.Impacted} impacted requests in {scope.Episodes} episodes with {Kind(scope.Kind)}, holding the layers against each other finds {Percent(cross.Impacted.Recall.Value)}";
        if (scope.BestSingleLayer is { } name && scope.Of(name) is { } single)
            text += $", the best detector of one layer ({name}) {Percent(single.Impacted.Recall.Value)}";
        var difference = scope.ImpactedDifferences.FirstOrDefault(of => of.Detector == cross.Detector);
        if (difference is not null && scope.Of(difference.Other) is { } union)
            text += $", and the two layers side by side {Percent(union.Impacted.Recall.Value)}: {Compare(difference)}";
        text += ".";
        if (cross.Causes is { } causes)
            text += $" It names the injected cause first in {causes.EpisodeTop1.Numerator} of {causes.EpisodeTop1.Denominator} episodes.";
        var control = experiment.FalseAlarms.FirstOrDefault(group => group.Group == "control")?.Detectors.FirstOrDefault(of => of.Detector == cross.Detector);
        if (control is not null)
            text += $" In traffic without a fault it alarms on {control.Requests.Numerator} of {control.Requests.Denominator} requests.";
        return text;
    }

    /// <summary>Of a recording without labels.</summary>
    public static string Of(MetricsSummary recording)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{recording.Application.Requests} requests, of which applications report {recording.Application.SuccessRate.Numerator} as a success");
        if (recording.Kernel is { } kernel)
            text += string.Create(CultureInfo.InvariantCulture, $"; {kernel.Events} kernel events on {kernel.Connections} connections");
        return text + (recording.Verdicts is { } verdicts
            ? string.Create(CultureInfo.InvariantCulture,
                $"; held against each other, {verdicts.Healthy} are healthy, {verdicts.Discrepant} discrepant and {verdicts.Inconclusive} inconclusive.")
            : recording.Kernel is null ? "." : ". There are no correlations to take verdicts from; crosslayer correlate makes them.");
    }

    private static string Compare(RecallDifference difference) => (difference.Difference, difference.Interval) switch
    {
        (null, _) => "there is nothing to compare",
        (_, null) => "too few episodes to say whether that is a difference",
        (_, { Low: > 0 }) => "more than chance explains",
        (_, { High: < 0 }) => "less, and more so than chance explains",
        _ => "no difference that chance does not explain",
    };

    private static string Kind(string kind) => kind switch
    {
        "fault" => "a fault at a known level",
        "held_out" => "a fault at a level not seen before",
        _ => "two faults at once",
    };

    private static string Percent(double? share) => share is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value * 100:0.0} %") : "none to find";
}
