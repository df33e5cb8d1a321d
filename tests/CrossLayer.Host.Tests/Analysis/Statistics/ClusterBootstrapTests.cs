using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Tests.Analysis.Statistics;

public sealed class ClusterBootstrapTests
{
    /// <summary>
    /// Two clusters, 0 of 1 and 1 of 1: a draw is 0, 1/2 or 1 with chances of 1/4, 1/2, 1/4; the percentiles 2.5 and 97.5 are 0 and 1.
    /// </summary>
    [Fact]
    public void Two_opposite_clusters_say_nothing() =>
        Assert.Equal(new Interval(0, 1), new ClusterBootstrap(2).Ratio([new Tally(0, 1), new Tally(1, 1)]));

    [Fact]
    public void Clusters_that_are_all_alike_leave_no_doubt() =>
        Assert.Equal(new Interval(0.25, 0.25), new ClusterBootstrap(5).Ratio([.. Enumerable.Repeat(new Tally(1, 4), 5)]));

    /// <summary>
    /// 100 clusters of one trial, 50 of them successes: the draws are binomial(100, 1/2), whose 2.5 and 97.5 percentiles are 40 and 60.
    /// </summary>
    [Fact]
    public void Clusters_of_one_trial_are_as_independent_trials()
    {
        var interval = new ClusterBootstrap(100).Ratio([.. Enumerable.Range(0, 100).Select(i => new Tally(i % 2, 1))])!.Value;

        Assert.Equal(0.40, interval.Low, 0.011);
        Assert.Equal(0.60, interval.High, 0.011);
    }

    /// <summary>10 clusters of 10 trials each, all or nothing: as wide as binomial(10, 1/2), 2 to 8 of 10, not as binomial(100, 1/2).</summary>
    [Fact]
    public void What_is_alike_within_clusters_counts_once()
    {
        var interval = new ClusterBootstrap(10).Ratio([.. Enumerable.Range(0, 10).Select(i => new Tally(10 * (i % 2), 10))])!.Value;

        Assert.Equal(new Interval(0.2, 0.8), interval);
    }

    [Fact]
    public void The_same_seed_gives_the_same_interval_and_another_seed_another()
    {
        Tally[] clusters = [.. Enumerable.Range(0, 50).Select(i => new Tally(i, 100))];

        Assert.Equal(new ClusterBootstrap(50, seed: 7).Ratio(clusters), new ClusterBootstrap(50, seed: 7).Ratio(clusters));
        Assert.NotEqual(new ClusterBootstrap(50, seed: 7).Ratio(clusters), new ClusterBootstrap(50, seed: 8).Ratio(clusters));
    }

    /// <summary>The second is the first and a tenth more in every cluster: so is every draw.</summary>
    [Fact]
    public void Differences_are_paired()
    {
        Tally[] less = [.. Enumerable.Range(0, 20).Select(i => new Tally(i, 100))];
        Tally[] more = [.. less.Select(tally => tally with { Numerator = tally.Numerator + 10 })];

        var interval = new ClusterBootstrap(20).Difference(more, less)!.Value;

        Assert.Equal(0.1, interval.Low, 1e-12);
        Assert.Equal(0.1, interval.High, 1e-12);
    }

    [Fact]
    public void One_cluster_has_no_interval() => Assert.Null(new ClusterBootstrap(1).Ratio([new Tally(1, 2)]));

    [Fact]
    public void Nothing_to_count_has_no_interval() => Assert.Null(new ClusterBootstrap(2).Ratio([new Tally(0, 0), new Tally(0, 0)]));

    [Fact]
    public void The_median_of_equal_figures_is_sure() => Assert.Equal(new Interval(3, 3), new ClusterBootstrap(3).Median([3, 3, 3]));
}
