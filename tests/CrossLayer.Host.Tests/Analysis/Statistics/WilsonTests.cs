using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Tests.Analysis.Statistics;

/// <summary>The examples of Newcombe, Statistics in Medicine 17 (1998), table I, method 3.</summary>
public sealed class WilsonTests
{
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Intervals_are_those_of_Newcombe(int successes, int trials, double low, double high)
    {
        var interval = Wilson.Of(successes, trials)!.Value;

        Assert.Equal(low, interval.Low, 0.00005);
        Assert.Equal(high, interval.High, 0.00005);
    }

    [Fact]
    public void The_interval_of_all_ends_at_one() => Assert.Equal(1.0, Wilson.Of(20, 20)!.Value.High);

    [Fact]
    public void Of_nothing_there_is_no_interval() => Assert.Null(Wilson.Of(0, 0));
}
