using CrossLayer.Actors.Correlations;
using HdrHistogram;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Adds requests up, interval by interval. Pure: what time it is, it is told. Bounded: routes beyond the limit are counted together.
/// </summary>
/// <param name="interval">An interval's length.</param>
/// <param name="maxRoutes">Pairs of service and route told apart in one interval.</param>
public sealed class SummaryAggregator(TimeSpan interval, int maxRoutes)
{
    private const long MaxLatencyUs = 3_600_000_000;

    private readonly long _intervalNs = (long)interval.TotalNanoseconds;
    private readonly Dictionary<(string Service, string Route), Counts> _routes = [];
    private long? _startNs;
    private long _overflow;
    private long _lost;
    private long _lostBefore;

    /// <summary>Counts requests that are decided now.</summary>
    /// <param name="correlations">The requests.</param>
    /// <param name="nowUnixNs">Now; the interval it falls into begins, if none has. One that is over is closed first (<see cref="Close"/>).</param>
    public void Add(IEnumerable<Correlation> correlations, long nowUnixNs)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        _startNs ??= nowUnixNs - nowUnixNs % _intervalNs;
        foreach (var correlation in correlations)
            CountsOf(correlation).Add(correlation);
    }

    /// <summary>Notes how many kernel events have been lost since the start of the program.</summary>
    public void Lost(long total) => _lost = total;

    /// <summary>The interval's summary, when it is over.</summary>
    /// <param name="nowUnixNs">Now.</param>
    /// <param name="ending">The program ends: over or not.</param>
    /// <returns>Null if the interval goes on, or nothing has come in it.</returns>
    public IntervalSummary? Close(long nowUnixNs, bool ending = false)
    {
        if (_startNs is null && _lost != _lostBefore)
            _startNs = nowUnixNs - nowUnixNs % _intervalNs;
        // A wall clock that is set back ends an interval early rather than late.
        if (_startNs is not { } start || !ending && nowUnixNs >= start && nowUnixNs < start + _intervalNs)
            return null;
        var end = ending ? Math.Clamp(nowUnixNs, start, start + _intervalNs) : start + _intervalNs;
        var summary = new IntervalSummary(start, end, [.. _routes.Select(route => route.Value.Summarize(route.Key))], _lost - _lostBefore, _overflow);
        _routes.Clear();
        (_startNs, _overflow, _lostBefore) = (null, 0, _lost);
        return summary;
    }

    private Counts CountsOf(Correlation correlation)
    {
        var service = correlation.ServerRecord?.Service ?? correlation.ClientRecord?.Service ?? "";
        var route = correlation.ServerRecord?.Route ?? correlation.ClientRecord?.Route ?? "";
        if (_routes.TryGetValue((service, route), out var counts))
            return counts;
        var key = (service, route);
        if (_routes.Count >= maxRoutes)
        {
            _overflow++;
            key = (IntervalSummary.Other, IntervalSummary.Other);
        }

        if (!_routes.TryGetValue(key, out counts))
            _routes.Add(key, counts = new Counts());
        return counts;
    }

    private sealed class Counts
    {
        private readonly SortedDictionary<Cause, long> _causes = [];
        private LongHistogram? _latencyUs;
        private long _healthy;
        private long _discrepant;
        private long _inconclusive;

        public void Add(Correlation correlation)
        {
            switch (correlation.Finding.Verdict)
            {
                case Verdict.Healthy:
                    _healthy++;
                    break;
                case Verdict.Discrepant:
                    _discrepant++;
                    var cause = correlation.Finding.Cause ?? Cause.Unknown;
                    _causes[cause] = _causes.GetValueOrDefault(cause) + 1;
                    break;
                default:
                    _inconclusive++;
                    break;
            }

            if ((correlation.ClientRecord ?? correlation.ServerRecord)?.LatencyMs is { } ms)
                (_latencyUs ??= new LongHistogram(MaxLatencyUs, 2)).RecordValue((long)Math.Clamp(ms * 1_000, 0, MaxLatencyUs));
        }

        public RouteSummary Summarize((string Service, string Route) key) => new(
            key.Service, key.Route, _healthy, _discrepant, _inconclusive, new Dictionary<Cause, long>(_causes),
            _latencyUs is null ? null : new LatencySummary(Ms(50), Ms(90), Ms(99), Ms(100)));

        private double Ms(double percentile) => _latencyUs!.GetValueAtPercentile(percentile) / 1_000.0;
    }
}
