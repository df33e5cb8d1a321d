using CrossLayer.Host.Analysis.Statistics;
using MathNet.Numerics.Statistics;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>What the probe costs: traffic with it and without it, pair by pair.</summary>
/// <param name="Loads">Each load for itself.</param>
/// <param name="Unpaired">Measurements without their other half: not used.</param>
internal sealed record CostSummary(IReadOnlyList<LoadCost> Loads, int Unpaired)
{
    /// <summary>The costs of measurements.</summary>
    public static CostSummary Of(IReadOnlyList<CostMeasurement> measurements)
    {
        var pairs = measurements.GroupBy(measurement => (measurement.Load, measurement.Pair))
            .Select(pair => (pair.Key.Load, With: pair.FirstOrDefault(half => half.Probe), Without: pair.FirstOrDefault(half => !half.Probe)))
            .ToList();
        var whole = pairs.Where(pair => pair is { With: not null, Without: not null })
            .GroupBy(pair => pair.Load, pair => (With: pair.With!, Without: pair.Without!))
            .OrderBy(load => load.Key, StringComparer.Ordinal);
        return new CostSummary(
            [.. whole.Select(load => LoadCost.Of(load.Key, [.. load]))],
            pairs.Count(pair => pair.With is null || pair.Without is null));
    }

    /// <summary>A load; null where it was not measured.</summary>
    public LoadCost? Of(string load) => Loads.FirstOrDefault(cost => cost.Load == load);
}

/// <summary>The costs in one load: with the probe, divided by without.</summary>
/// <param name="Load"><c>paced</c> or <c>saturated</c>.</param>
/// <param name="ThroughputRatio">Requests per second.</param>
/// <param name="CpuRatio">Processor seconds per request.</param>
/// <param name="P50Ratio">Median latency.</param>
/// <param name="P99Ratio">99th percentile of latency.</param>
internal sealed record LoadCost(string Load, RatioSummary ThroughputRatio, RatioSummary CpuRatio, RatioSummary P50Ratio, RatioSummary P99Ratio)
{
    /// <summary>The costs of pairs.</summary>
    public static LoadCost Of(string load, IReadOnlyList<(CostMeasurement With, CostMeasurement Without)> pairs)
    {
        var bootstrap = new ClusterBootstrap(pairs.Count);
        return new LoadCost(
            load, Ratio(m => m.Requests / m.Seconds), Ratio(m => m.CpuSeconds / m.Requests), Ratio(m => m.P50Ms), Ratio(m => m.P99Ms));

        RatioSummary Ratio(Func<CostMeasurement, double> figure)
        {
            var ratios = pairs.Select(pair => figure(pair.With) / figure(pair.Without)).ToList();
            return new RatioSummary(ratios.Median(), bootstrap.Median(ratios), pairs.Count, ratios);
        }
    }
}

/// <summary>Ratios of pairs.</summary>
/// <param name="Median">Their median.</param>
/// <param name="Interval">Its interval, by drawing pairs anew; null for a single pair.</param>
/// <param name="Pairs">How many there are.</param>
/// <param name="Ratios">Each.</param>
internal sealed record RatioSummary(double Median, Interval? Interval, int Pairs, IReadOnlyList<double> Ratios);
