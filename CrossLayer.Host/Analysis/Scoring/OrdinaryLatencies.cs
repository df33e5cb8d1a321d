using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis.Scoring;

/// <summary>
/// What is ordinary on each route, by the client's own clock: the 99.9th percentile of the latencies of benign episodes' requests that
/// got what they asked for. A request that took longer is impacted, whatever it got.
/// </summary>
/// <remarks>
/// Of a route with fewer than 1000 such requests the 99.9th percentile is the greatest latency that there was, and rests on that one
/// request (<see cref="OrdinaryLatency.Requests"/>). By its making, about one ordinary request in a thousand is above it. A route that
/// benign episodes do not have knows no ordinary latency: its requests are impacted only where they went wrong.
/// </remarks>
internal sealed class OrdinaryLatencies
{
    private const double Share = 0.999;

    private readonly Dictionary<string, OrdinaryLatency> _routes;

    /// <param name="benign">Labels of benign episodes.</param>
    public OrdinaryLatencies(IEnumerable<EpisodeLabel> benign)
    {
        ArgumentNullException.ThrowIfNull(benign);
        _routes = benign.SelectMany(label => label.Requests).Where(IsRight).GroupBy(request => request.Route).ToDictionary(route => route.Key, route =>
        {
            var sorted = route.Select(request => request.LatencyMs).Order().ToList();
            return new OrdinaryLatency(route.Key, Ranked.Quantile(sorted, Share), sorted.Count);
        });
    }

    /// <summary>By route, in order of its name.</summary>
    public IReadOnlyList<OrdinaryLatency> Routes => [.. _routes.Values.OrderBy(route => route.Route, StringComparer.Ordinal)];

    /// <summary>True if the request went wrong, or took longer than is ordinary.</summary>
    public bool IsImpacted(RequestLabel request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return !IsRight(request) || (_routes.TryGetValue(request.Route, out var route) && request.LatencyMs > route.LimitMs);
    }

    private static bool IsRight(RequestLabel request) => request.Outcome is Outcome.Right or Outcome.AsMeant;
}

/// <summary>What is ordinary on a route.</summary>
/// <param name="Route">The route.</param>
/// <param name="LimitMs">What takes longer, in milliseconds, is not.</param>
/// <param name="Requests">How many requests that rests on; below 1000, the limit is the longest of them.</param>
internal sealed record OrdinaryLatency(string Route, double LimitMs, int Requests);
