using System.Text.Json.Serialization;

namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>A share with what it was counted from and its 95 % interval.</summary>
/// <param name="Value">The share; null of nothing.</param>
/// <param name="Numerator">What was counted.</param>
/// <param name="Denominator">Of how many.</param>
/// <param name="Interval">The interval; null where there is too little for one.</param>
/// <param name="Method">How the interval was made: <see cref="WilsonMethod"/> or <see cref="BootstrapMethod"/>.</param>
[method: JsonConstructor]
internal sealed record Share(double? Value, long Numerator, long Denominator, Interval? Interval, string Method)
{
    /// <summary>Trials that do not depend on each other.</summary>
    public const string WilsonMethod = "wilson";

    /// <summary>Requests of episodes: the episodes are drawn anew.</summary>
    public const string BootstrapMethod = "cluster_bootstrap";

    /// <summary>A share of independent trials.</summary>
    public static Share OfTrials(Tally tally) =>
        new(tally.Share, tally.Numerator, tally.Denominator, Wilson.Of(tally.Numerator, tally.Denominator), WilsonMethod);

    /// <summary>A share of independent trials.</summary>
    public static Share OfTrials(long successes, long trials) => OfTrials(new Tally(successes, trials));

    /// <summary>A share of what comes in clusters.</summary>
    public static Share OfClusters(ClusterBootstrap bootstrap, IReadOnlyList<Tally> clusters)
    {
        var sum = Tally.Sum(clusters);
        return new Share(sum.Share, sum.Numerator, sum.Denominator, bootstrap.Ratio(clusters), BootstrapMethod);
    }
}
