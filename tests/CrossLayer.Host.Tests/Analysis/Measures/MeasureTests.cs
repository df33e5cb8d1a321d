using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Experiments;
using static CrossLayer.Host.Tests.Analysis.LiteralExperiment;

namespace CrossLayer.Host.Tests.Analysis.Measures;

public sealed class MeasureTests
{
    private const int CrossLayer = 3;

    [Fact]
    public void Causes_are_ranked_by_the_sum_of_the_scores_not_by_their_number()
    {
        // path_loss 0.9, congestion 0.6, slow_reader 0.6 twice: 1.2.
        var episode = Of(EpisodeKind.Fault, [PathLoss], "b:---L b:---S b:---S b:---C");

        Assert.Equal([Cause.SlowReader, Cause.PathLoss, Cause.Congestion], CauseRanking.Of(episode, CrossLayer));
    }

    [Fact]
    public void An_alarm_without_a_cause_says_unknown()
    {
        var episode = Of(EpisodeKind.Fault, [PathLoss], "b:---! b:---U b:---L");

        Assert.Equal([Cause.Unknown, Cause.PathLoss], CauseRanking.Of(episode, CrossLayer));
    }

    [Theory]
    [InlineData("b:---L b:---C", true, true)]
    [InlineData("b:---C", true, false)]
    [InlineData("b:---S b:---S b:---L b:---C", false, true)]
    [InlineData("b:----", false, false)]
    public void In_a_mix_either_cause_is_right_first_and_both_must_be_among_three(string requests, bool top1, bool top3)
    {
        var episode = Of(EpisodeKind.Mix, [PathLoss, Congestion], requests);
        var ranking = CauseRanking.Of(episode, CrossLayer);

        Assert.Equal((top1, top3), (CauseRanking.IsTop1(ranking, episode.Causes), CauseRanking.IsTop3(ranking, episode.Causes)));
    }

    [Fact]
    public void A_fault_of_a_mix_that_met_nothing_is_no_cause()
    {
        var episode = Of(EpisodeKind.Mix, [PathLoss, Fault("congestion", Cause.Congestion, applied: false)], "b:---L");

        Assert.Equal([Cause.PathLoss], episode.Causes);
        Assert.Equal("congestion+path_loss", episode.Scenario);
    }

    [Theory]
    [InlineData("b:----", true, InjectionFate.WithImpact)]
    [InlineData("t:---- s:----", true, InjectionFate.WithoutImpact)]
    [InlineData("i:----", false, InjectionFate.NotApplied)]
    public void What_became_of_an_injection_is_told(string requests, bool applied, object expected) =>
        Assert.Equal((InjectionFate)expected, Of(EpisodeKind.Fault, [Fault("path_loss", Cause.PathLoss, applied)], requests).Fate);

    /// <summary>
    /// The first impacted request begins at 1 s. Detected at 2.2 s: 1.2 s. Detected at once: 0.2 s. Never: censored at the end of
    /// the last request, 2.1 s, after 1.1 s. So 3 at risk at 0.2 s, and 1 at 1.2 s.
    /// </summary>
    [Fact]
    public void Delay_runs_from_the_first_impact_and_a_miss_is_censored_at_the_end()
    {
        var delay = Delay.Of(
        [
            Of(EpisodeKind.Fault, [PathLoss], "a:---- i:---- b:---L"),
            Of(EpisodeKind.Fault, [PathLoss], "a:---- i:---L b:----"),
            Of(EpisodeKind.Fault, [PathLoss], "a:---L i:---- b:----"),
        ], CrossLayer);

        Assert.Equal((2, 1, 0), (delay.Detected, delay.Censored, delay.Early));
        Assert.Equal([(0.2, 3, 0.6667), (1.2, 1, 0.0)], delay.Steps.Select(step => (step.Time, step.AtRisk, Math.Round(step.Survival, 4))));
        Assert.Equal(1.2, delay.MedianSeconds);
    }

    [Fact]
    public void An_alarm_before_the_first_impact_counts_as_no_delay()
    {
        var delay = Delay.Of([Of(EpisodeKind.Fault, [PathLoss], "t:---L i:----")], CrossLayer);

        Assert.Equal((1, 1, 0.0), (delay.Detected, delay.Early, delay.MedianSeconds));
    }

    [Fact]
    public void To_abstain_is_to_miss_and_has_a_column_of_its_own()
    {
        var episode = Of(EpisodeKind.Fault, [PathLoss], "b:---L b:---? b:---- -:---? -:---L -:----");
        var matrix = ConfusionMatrix.Of(episode.Requests, CrossLayer, TestedEpisode.IsImpacted);

        Assert.Equal(new ConfusionMatrix(1, 1, 1, 1, 1, 1), matrix);
        Assert.Equal(new Tally(1, 3), matrix.Recall());
        Assert.Equal(new Tally(1, 2), matrix.Precision());
        Assert.Equal(new Tally(1, 3), matrix.FalsePositiveRate());
        // Precision 1/2, recall 1/3: 2 * 1/6 / (5/6) = 0.4.
        Assert.Equal(0.4, matrix.F1().Share);
    }

    private static TestedEpisode Of(EpisodeKind kind, IReadOnlyList<FaultLabel> faults, string requests) => new(Episode(1, kind, faults, requests));
}
