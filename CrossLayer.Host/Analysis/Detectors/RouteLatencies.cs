namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>Latencies that were learned, in milliseconds, and a figure of those of each route.</summary>
/// <param name="figure">From latencies in ascending order, at least one.</param>
internal sealed class RouteLatencies<T>(Func<IReadOnlyList<double>, T> figure) where T : struct
{
    private readonly Dictionary<string, List<double>> _latencies = [];
    private readonly List<double> _all = [];
    private readonly Dictionary<string, T> _figures = [];
    private T? _figureOfAll;

    /// <summary>Learns one.</summary>
    public void Add(string? route, double latencyMs)
    {
        if (!_latencies.TryGetValue(route ?? "", out var ofRoute))
            _latencies.Add(route ?? "", ofRoute = []);
        ofRoute.Add(latencyMs);
        _all.Add(latencyMs);
        _figures.Clear();
        _figureOfAll = null;
    }

    /// <summary>A route's figure; of a route that was not learned, that of all together; null if nothing was learned.</summary>
    public T? Of(string? route)
    {
        if (_all.Count == 0)
            return null;
        if (!_latencies.TryGetValue(route ?? "", out var ofRoute))
            return _figureOfAll ??= figure([.. _all.Order()]);
        if (!_figures.TryGetValue(route ?? "", out var known))
            _figures.Add(route ?? "", known = figure([.. ofRoute.Order()]));
        return known;
    }
}
