using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Tests.Analysis.Statistics;

public sealed class KaplanMeierTests
{
    /// <summary>Weeks of remission under 6-mercaptopurine: Freireich et al., Blood 21 (1963); Kleinbaum and Klein, Survival Analysis, chapter 2. A plus is censored.</summary>
    private const string Remission = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+";

    [Fact]
    public void The_curve_is_that_of_the_remission_data()
    {
        var curve = KaplanMeier.Of(Read(Remission));

        Assert.Equal([6, 7, 10, 13, 16, 22, 23], curve.Steps.Select(step => step.Time));
        Assert.Equal([21, 17, 15, 12, 11, 7, 6], curve.Steps.Select(step => step.AtRisk));
        Assert.Equal([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], curve.Steps.Select(step => Math.Round(step.Survival, 4)));
        Assert.Equal((9, 12), (curve.Observed, curve.Censored));
    }

    [Fact]
    public void The_median_is_where_the_curve_reaches_a_half_and_p95_where_it_never_does()
    {
        var curve = KaplanMeier.Of(Read(Remission));

        Assert.Equal(23, curve.Quantile(0.5));
        Assert.Null(curve.Quantile(0.95));
    }

    [Fact]
    public void Without_censoring_quantiles_are_those_of_the_sample()
    {
        var curve = KaplanMeier.Of(Read("1 2 3 4"));

        Assert.Equal(2, curve.Quantile(0.5));
        Assert.Equal(4, curve.Quantile(0.95));
    }

    [Fact]
    public void Nothing_is_never_reached() => Assert.Null(KaplanMeier.Of([]).Quantile(0.5));

    private static List<Duration> Read(string text) =>
        [.. text.Split(' ').Select(word => new Duration(int.Parse(word.TrimEnd('+'), System.Globalization.CultureInfo.InvariantCulture), !word.EndsWith('+')))];
}
