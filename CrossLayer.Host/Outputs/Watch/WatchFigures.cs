using CrossLayer.Host.Outputs.Metrics;

namespace CrossLayer.Host.Outputs.Watch;

/// <summary>What a person watches of a daemon, made of two readings of its metrics.</summary>
/// <param name="RequestsPerSecond">Requests with a verdict.</param>
/// <param name="Verdicts">Requests a second by verdict.</param>
/// <param name="Causes">Discrepancies by cause since the daemon started, most first.</param>
/// <param name="LostPerSecond">Kernel events lost or missed a second.</param>
/// <param name="ShedPerSecond">What was not processed, a second.</param>
/// <param name="RejectedPerSecond">What came to sources and became no record, a second.</param>
/// <param name="LagSeconds">How far the watermark is behind.</param>
/// <param name="Problems">Why the daemon is not ready; empty where it is.</param>
internal sealed record WatchFigures(
    double RequestsPerSecond, IReadOnlyList<(string Verdict, double PerSecond)> Verdicts, IReadOnlyList<(string Cause, double Count)> Causes,
    double LostPerSecond, double ShedPerSecond, double RejectedPerSecond, double LagSeconds, IReadOnlyList<string> Problems)
{
    /// <summary>Compares two readings.</summary>
    /// <param name="before">The earlier one.</param>
    /// <param name="now">The later one.</param>
    /// <param name="seconds">What lies between them.</param>
    /// <param name="problems">Why the daemon is not ready.</param>
    public static WatchFigures Of(MetricsText before, MetricsText now, double seconds, IReadOnlyList<string> problems)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(now);
        return new WatchFigures(
            Rate(MetricCatalogue.Correlations),
            [.. Values(now, MetricCatalogue.Correlations, "verdict").Select(verdict => (verdict, Rate(MetricCatalogue.Correlations, ("verdict", verdict))))],
            [.. Values(now, MetricCatalogue.Discrepancies, "cause").Select(cause => (cause, now.Value(MetricCatalogue.Discrepancies.Name, ("cause", cause))))
                .OrderByDescending(pair => pair.Item2)],
            Rate(MetricCatalogue.EventsLost) + Rate(MetricCatalogue.EventsMissed),
            Rate(MetricCatalogue.Shed),
            Rate(MetricCatalogue.RecordsRejected),
            now.Value(MetricCatalogue.WatermarkLag.Name),
            problems);

        double Rate(Metric metric, params IReadOnlyList<(string, string)> labels)
        {
            var (earlier, later) = (before.Value(metric.Name, labels), now.Value(metric.Name, labels));
            return (later < earlier ? later : later - earlier) / seconds; // less: the daemon began anew
        }
    }

    private static IEnumerable<string> Values(MetricsText page, Metric metric, string label) =>
        page.Samples.Where(sample => sample.Name == metric.Name).Select(sample => sample.Labels[label]).Distinct();
}
