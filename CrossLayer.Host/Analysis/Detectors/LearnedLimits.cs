using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// From when on requests are slow, learned from ordinary traffic for each route, and apart for what clients and what servers report: the
/// 99.9th percentile by nearest rank, times <see cref="Margin"/>. What failed, and what takes long by design, is not learned from.
/// </summary>
internal sealed class LearnedLimits
{
    /// <summary>As in <see cref="Scoring.OrdinaryLatencies"/>: of fewer than 1000 requests it is the longest.</summary>
    public const double Share = 0.999;

    /// <summary>
    /// What is let pass above the percentile. It rests on one or a few of the longest requests that there were, and the longest of the
    /// next ordinary traffic may be longer; a fifth more is little beside what faults cost.
    /// </summary>
    public const double Margin = 1.2;

    private readonly Dictionary<(RequestRole Role, string Route), List<double>> _latencies = [];

    /// <summary>Learns from one episode after the other.</summary>
    public void Learn(EpisodeRecords benign)
    {
        ArgumentNullException.ThrowIfNull(benign);
        foreach (var record in benign.ClientRecords.Concat(benign.ServerRecords))
        {
            if (record.Route is not { Length: > 0 } route || record.ExpectedSlow || record.OpensTunnel || Reported.IsFailure(record))
                continue;
            if (!_latencies.TryGetValue((record.Role, route), out var known))
                _latencies.Add((record.Role, route), known = []);
            known.Add(record.LatencyMs);
        }
    }

    /// <summary>The limits, in whole microseconds, rounded up; a route that ends with <c>*</c>, and so stands for others, after those that do not.</summary>
    public IReadOnlyList<LearnedLimit> ToList() =>
    [
        .. _latencies.OrderBy(pair => pair.Key.Role).ThenBy(pair => pair.Key.Route.EndsWith('*')).ThenBy(pair => pair.Key.Route, StringComparer.Ordinal)
            .Select(pair => new LearnedLimit(
                new SlowRoute(pair.Key.Role, pair.Key.Route, LimitOf([.. pair.Value.Order()])), pair.Value.Count)),
    ];

    // 0.07 * 100 is a little more than 7, and a limit of 0 would be none.
    private static TimeSpan LimitOf(IReadOnlyList<double> sortedMs) =>
        TimeSpan.FromMicroseconds(Math.Max(1, (long)Math.Ceiling((Ranked.Quantile(sortedMs, Share) * Margin * 1000) - 1e-6)));
}
