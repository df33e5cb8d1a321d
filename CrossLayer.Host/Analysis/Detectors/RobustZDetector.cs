using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Application-only: how far a latency is from the median that is ordinary on the route, in units of the standard deviation as the
/// median absolute deviation estimates it (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).
/// </summary>
internal sealed class RobustZDetector : LatencyDetector
{
    /// <summary>The standard deviation of a normal distribution over its median absolute deviation.</summary>
    private const double Scale = 1.4826;

    private readonly RouteLatencies<(double Median, double Deviation)> _figures = new(sorted =>
    {
        var median = Ranked.Median(sorted);
        var mad = Ranked.Median([.. sorted.Select(x => Math.Abs(x - median)).Order()]);
        return (median, Math.Max(LeastMs, Scale * mad));
    });

    /// <inheritdoc/>
    public override string Name => "robust_z";

    /// <inheritdoc/>
    protected override void Learn(string? route, double latencyMs) => _figures.Add(route, latencyMs);

    /// <inheritdoc/>
    protected override Func<RequestRecord, double> Begin() => record =>
        _figures.Of(record.Route) is var (median, deviation) ? Math.Abs(record.LatencyMs - median) / deviation : 0;
}
