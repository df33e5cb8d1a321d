using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Tests.Analysis.Statistics;

public sealed class TestsOfDetectorsTests
{
    /// <summary>Wikipedia, "McNemar's test", the example of 6 and 16 discordant pairs: p = 0.053.</summary>
    [Theory]
    [InlineData(6, 16)]
    [InlineData(16, 6)]
    public void McNemar_of_6_and_16_is_0_053(int onlyFirst, int onlySecond) =>
        Assert.Equal(0.0525, McNemar.PValue(onlyFirst, onlySecond), 0.00005);

    /// <summary>By hand: 2 (1 + 5) / 2^5 = 0.375 for 1 of 5; 2 / 2^5 for 0 of 5.</summary>
    [Theory]
    [InlineData(1, 4, 0.375)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(3, 3, 1.0)]
    [InlineData(0, 0, 1.0)]
    public void McNemar_of_few_pairs_is_what_one_counts(int onlyFirst, int onlySecond, double expected) =>
        Assert.Equal(expected, McNemar.PValue(onlyFirst, onlySecond), 1e-12);

    /// <summary>Wikipedia, "Holm–Bonferroni method": at 0.05 the hypotheses 1 and 4 fall, 3 and 2 stand. As R's <c>p.adjust</c> has it.</summary>
    [Fact]
    public void Holm_corrects_as_in_the_example()
    {
        var adjusted = Holm.Adjust([0.01, 0.04, 0.03, 0.005]);

        Assert.Equal([0.03, 0.06, 0.06, 0.02], adjusted.Select(p => Math.Round(p, 12)));
    }

    [Fact]
    public void A_corrected_p_is_at_most_one() => Assert.Equal([1.0, 1.0], Holm.Adjust([0.9, 0.8]));
}
