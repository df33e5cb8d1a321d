using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>Application-only: latency, in units of three times the 99th percentile that is ordinary on the route.</summary>
internal sealed class StaticThresholdDetector : LatencyDetector
{
    private readonly RouteLatencies<double> _thresholds = new(sorted => Math.Max(LeastMs, 3 * Ranked.Quantile(sorted, 0.99)));

    /// <inheritdoc/>
    public override string Name => "static_threshold";

    /// <inheritdoc/>
    protected override void Learn(string? route, double latencyMs) => _thresholds.Add(route, latencyMs);

    /// <inheritdoc/>
    protected override Func<RequestRecord, double> Begin() => record => record.LatencyMs / _thresholds.Of(record.Route) ?? 0;
}
