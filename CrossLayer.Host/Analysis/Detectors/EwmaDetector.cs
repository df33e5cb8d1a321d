using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Application-only: how far a latency is from the exponentially weighted mean of its route so far, in units of the exponentially
/// weighted standard deviation (Roberts, Technometrics 1, 1959; the variance as in Finch, Incremental calculation of weighted mean
/// and variance, 2009). Each episode begins at the ordinary mean and deviation; what failed does not move them.
/// </summary>
internal sealed class EwmaDetector : LatencyDetector
{
    /// <summary>The weight of the newest latency: of the 0.05 to 0.25 that are usual, one in the middle.</summary>
    private const double Weight = 0.1;

    private readonly RouteLatencies<(double Mean, double Variance)> _figures = new(sorted =>
    {
        var mean = sorted.Average();
        return (mean, sorted.Average(x => (x - mean) * (x - mean)));
    });

    /// <inheritdoc/>
    public override string Name => "ewma";

    /// <inheritdoc/>
    protected override void Learn(string? route, double latencyMs) => _figures.Add(route, latencyMs);

    /// <inheritdoc/>
    protected override Func<RequestRecord, double> Begin()
    {
        var state = new Dictionary<string, (double Mean, double Variance)>();
        return record =>
        {
            var route = record.Route ?? "";
            if (!state.TryGetValue(route, out var now))
            {
                if (_figures.Of(route) is not { } learned)
                    return 0;
                now = learned;
            }

            var difference = record.LatencyMs - now.Mean;
            state[route] = (now.Mean + (Weight * difference), (1 - Weight) * (now.Variance + (Weight * difference * difference)));
            return Math.Abs(difference) / Math.Max(LeastMs, Math.Sqrt(now.Variance));
        };
    }
}
