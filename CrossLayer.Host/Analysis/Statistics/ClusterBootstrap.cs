using MathNet.Numerics.Random;
using MathNet.Numerics.Statistics;

namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>
/// Intervals by drawing clusters anew with replacement (Davison and Hinkley, Bootstrap Methods, 1997, 2.4 and 3.8):
/// requests of one episode are alike, so that episodes are drawn, and not requests. The bounds are the percentiles of the
/// draws. The same seed gives the same draws, and one instance the same draws for every figure, so that differences are paired.
/// </summary>
internal sealed class ClusterBootstrap
{
    /// <summary>How often it is drawn.</summary>
    public const int DefaultDraws = 2_000;

    /// <summary>What the draws begin with, unless said otherwise.</summary>
    public const int DefaultSeed = 1;

    private readonly int[][] _draws;

    /// <summary>Draws.</summary>
    /// <param name="clusters">How many clusters there are.</param>
    public ClusterBootstrap(int clusters, int draws = DefaultDraws, int seed = DefaultSeed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(clusters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(draws);
        Clusters = clusters;
        var random = new MersenneTwister(seed, threadSafe: false);
        // Without two clusters nothing varies, and there is no interval.
        _draws = clusters < 2 ? [] : [.. Enumerable.Range(0, draws).Select(_ => Draw(random, clusters))];
    }

    /// <summary>How many clusters there are.</summary>
    public int Clusters { get; }

    /// <summary>The interval of a share; null for less than two clusters, or where hardly any draw has something to count.</summary>
    public Interval? Ratio(IReadOnlyList<Tally> clusters) => Of(draw => Total(clusters, draw).Share);

    /// <summary>The interval of the difference of two shares of the same clusters.</summary>
    public Interval? Difference(IReadOnlyList<Tally> minuend, IReadOnlyList<Tally> subtrahend) =>
        Of(draw => Total(minuend, draw).Share - Total(subtrahend, draw).Share);

    /// <summary>The interval of the median of a figure of each cluster.</summary>
    public Interval? Median(IReadOnlyList<double> clusters)
    {
        Check(clusters.Count);
        return Of(draw => draw.Select(cluster => clusters[cluster]).Median());
    }

    private static int[] Draw(MersenneTwister random, int clusters)
    {
        var draw = new int[clusters];
        for (var i = 0; i < clusters; i++)
            draw[i] = random.Next(clusters);
        return draw;
    }

    private Tally Total(IReadOnlyList<Tally> clusters, int[] draw)
    {
        Check(clusters.Count);
        var (numerator, denominator) = (0L, 0L);
        foreach (var cluster in draw)
        {
            var tally = clusters[cluster];
            (numerator, denominator) = (numerator + tally.Numerator, denominator + tally.Denominator);
        }

        return new Tally(numerator, denominator);
    }

    private Interval? Of(Func<int[], double?> figure)
    {
        var values = new List<double>(_draws.Length);
        foreach (var draw in _draws)
            if (figure(draw) is { } value)
                values.Add(value);
        // A share that most draws do not have says nothing of the others.
        if (values.Count == 0 || values.Count < _draws.Length / 2)
            return null;
        var sorted = values.Order().ToArray();
        return new Interval(
            SortedArrayStatistics.QuantileCustom(sorted, 0.025, QuantileDefinition.R7),
            SortedArrayStatistics.QuantileCustom(sorted, 0.975, QuantileDefinition.R7));
    }

    private void Check(int count)
    {
        if (count != Clusters)
            throw new ArgumentException($"{count} clusters; the draws are of {Clusters}");
    }
}
