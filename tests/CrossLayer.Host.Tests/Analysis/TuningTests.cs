using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Detectors;

namespace CrossLayer.Host.Tests.Analysis;

public sealed class TuningTests
{
    [Theory]
    [InlineData(0.2, 8, 2)] // 10 and 9 are above 8
    [InlineData(0.29, 8, 2)]
    [InlineData(0.3, 7, 3)]
    [InlineData(0, 10, 0)]
    public void The_threshold_is_the_lowest_that_keeps_to_the_rate(double rate, double threshold, int alarms)
    {
        var tuning = Tuning.Of([3, 1, 4, 10, 5, 9, 2, 6, 8, 7], rate);

        Assert.Equal((threshold, alarms, 10), (tuning.Threshold, tuning.Alarms, tuning.Requests));
        Assert.Equal(alarms / 10.0, tuning.Rate);
        Assert.Null(tuning.Shortfall);
    }

    [Fact]
    public void Scores_that_are_alike_are_alarms_together_or_not_at_all()
    {
        // Two of ten may be: 5 is one, the three 1s are not.
        var tuning = Tuning.Of([5, 1, 1, 1, 0, 0, 0, 0, 0, 0], 0.2);

        Assert.Equal((1.0, 1, 3), (tuning.Threshold, tuning.Alarms, tuning.Tied));
        Assert.Equal("1 of 10 ordinary requests instead of 2: 3 share the score 1, and would be alarms together", tuning.Shortfall);
    }

    [Fact]
    public void Where_more_have_failed_than_may_be_nothing_is_an_alarm()
    {
        var tuning = Tuning.Of([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], 0.2);

        Assert.Equal((1.0, 0.0), (tuning.Threshold, tuning.Rate));
        Assert.NotNull(tuning.Shortfall);
    }

    [Fact]
    public void A_score_of_0_is_no_alarm_at_any_rate()
    {
        var tuning = Tuning.Of([1, 0, 0, 0], 0.75);

        Assert.Equal((0.0, 1), (tuning.Threshold, tuning.Alarms));
        Assert.Equal("1 of 4 ordinary requests instead of 3: no other has a score above 0", tuning.Shortfall);
    }

    [Fact]
    public void One_in_a_thousand_of_three_thousand_is_three()
    {
        Assert.Equal(3, Tuning.Of([.. Enumerable.Range(0, 3000).Select(i => (double)i)], 0.001).Alarms);
        Assert.Equal(0, Tuning.Of([.. Enumerable.Range(0, 999).Select(i => (double)i)], 0.001).Alarms);
    }

    [Fact]
    public void There_is_nothing_to_tune_on_without_requests() => Assert.Throws<ArgumentException>(() => Tuning.Of([], 0.001));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 1)]
    [InlineData(3, 2)]
    public void A_score_is_as_rare_as_it_is_in_ordinary_traffic(double score, double rarity)
    {
        // 90 zeros, nine ones: (9 + 1) / (99 + 1) is a tenth; above all, (0 + 1) / (99 + 1) is a hundredth.
        var ranks = new BenignRanks([.. Enumerable.Repeat(0.0, 90), .. Enumerable.Repeat(1.0, 9)]);

        Assert.Equal(rarity, ranks.RarityOf(score), 12);
    }

    [Fact]
    public void The_union_is_as_suspicious_as_the_rarest_of_its_members_finds_and_as_early_as_the_first()
    {
        var common = new BenignRanks([.. Enumerable.Repeat(0.0, 90), .. Enumerable.Repeat(1.0, 9)]);
        var rare = new BenignRanks(Enumerable.Repeat(0.0, 99));
        var union = new UnionDetector(
        [
            (new Says(DetectorLayer.Application, new Suspicion(new RequestId("a"), 1, 10), new Suspicion(new RequestId("b"), 1, 15)), common),
            (new Says(DetectorLayer.Kernel, new Suspicion(new RequestId("a"), 0.1, 20, Cause.PathLoss)), rare),
        ]);

        var said = union.Judge(Episode.Of()).ToList();

        Assert.Equal([("a", 1.0, 10L, null), ("b", 1, 15, null), ("a", 2, 20, Cause.PathLoss)],
            said.Select(suspicion => (suspicion.Request.Text, Math.Round(suspicion.Score, 6), suspicion.AtUnixNs, suspicion.Cause)));
        var judgement = new Host.Analysis.Scoring.Judgement(said);
        Assert.Equal(new Decision(true, false, 2, 20, Cause.PathLoss), Rounded(judgement.Decide("a", 1.5)));
        Assert.Equal(new Decision(true, false, 2, 10, Cause.PathLoss), Rounded(judgement.Decide("a", 0.5)));
        Assert.Equal(new Decision(false, false, 1, 15, null), Rounded(judgement.Decide("b", 1.5)));
    }

    [Fact]
    public void What_two_members_find_equally_rare_is_in_the_order_of_the_members()
    {
        // Each finds one of 99 ordinary requests suspicious, another one; one alarm is allowed.
        var ranks = new BenignRanks([.. Enumerable.Repeat(0.0, 98), 1]);
        var union = new UnionDetector(
        [
            (new Says(DetectorLayer.Application, new Suspicion(new RequestId("a"), 1, 0)), ranks),
            (new Says(DetectorLayer.Kernel, new Suspicion(new RequestId("b"), 1, 0)), ranks),
        ]);
        var scores = union.Judge(Episode.Of()).ToDictionary(suspicion => suspicion.Request.Text, suspicion => suspicion.Score);

        var tuning = Tuning.Of([scores["a"], scores["b"], .. Enumerable.Repeat(0.0, 97)], 0.011);

        Assert.Equal((1, 1), (tuning.Alarms, tuning.Allowed));
        Assert.True(scores["a"] > tuning.Threshold);
        Assert.False(scores["b"] > tuning.Threshold);
    }

    private static Decision Rounded(Decision decision) => decision with { Score = Math.Round(decision.Score, 6) };
}
