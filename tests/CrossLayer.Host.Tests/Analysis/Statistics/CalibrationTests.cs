using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Tests.Analysis.Statistics;

public sealed class CalibrationTests
{
    /// <summary>By hand: Brier (0.04 + 0.04 + 0.64 + 0.36) / 4 = 0.27; bins 0.8: 3 claims, 2 right; 0.6: 1 claim, none right;
    /// expected error (3 |0.8 - 2/3| + 1 |0.6 - 0|) / 4 = 0.25.</summary>
    [Fact]
    public void Brier_and_expected_error_are_what_one_works_out()
    {
        var calibration = Calibration.Of([(0.8, true), (0.8, true), (0.8, false), (0.6, false)]);

        Assert.Equal(0.27, calibration.Brier!.Value, 1e-12);
        Assert.Equal(0.25, calibration.ExpectedError!.Value, 1e-12);
        Assert.Equal([(0.6, 0L, 1L), (0.8, 2L, 3L)], calibration.Bins.Select(bin => (bin.From, bin.Right.Numerator, bin.Right.Denominator)));
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.7, 0.7)]
    [InlineData(0.79, 0.7)]
    [InlineData(1.0, 0.9)]
    public void A_confidence_stands_in_the_bin_that_begins_at_or_below_it(double confidence, double from) =>
        Assert.Equal(from, Assert.Single(Calibration.Of([(confidence, true)]).Bins).From);

    [Fact]
    public void What_is_no_confidence_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Calibration.Of([(1.5, true)]));
}
