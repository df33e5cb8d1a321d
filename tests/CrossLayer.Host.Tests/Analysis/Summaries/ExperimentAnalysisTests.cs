using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Analysis.Summaries;

namespace CrossLayer.Host.Tests.Analysis.Summaries;

/// <summary>The figures of <see cref="LiteralExperiment.Whole"/>, counted by hand.</summary>
public sealed class ExperimentAnalysisTests
{
    private static readonly ExperimentSummary Summary = ExperimentAnalysis.Of(LiteralExperiment.Whole, 0.001, costs: null);

    private static ScopeSummary Faults => Summary.Scope("fault")!;

    [Fact]
    public void Injections_without_impact_and_without_effect_are_kept_apart()
    {
        var faults = Summary.Injections.Single(of => of.Kind == "fault");

        Assert.Equal((3, 1, 1), (faults.WithImpact, faults.WithoutImpact, faults.NotApplied));
        Assert.Equal([new KeyValuePair<string, int>("path_loss", 1)], faults.NotAppliedScenarios);
        Assert.Equal([new KeyValuePair<string, int>("path_loss", 1)], faults.WithoutImpactScenarios);
        Assert.Equal((3, 14L, 6L, 6L, 1L), (Faults.Episodes, Faults.Requests, Faults.Touched, Faults.Impacted, Faults.ImpactedUnarmed));
        Assert.Equal((1L, 1L), Counts(faults.FoundWithoutImpact.Single(of => of.Detector == "union").Share));
    }

    [Theory]
    [InlineData("status", 3, 6, 3, 4)]
    [InlineData("any_retransmit_or_reset", 1, 6, 1, 2)]
    [InlineData("union", 5, 6, 5, 7)]
    [InlineData("cross_layer", 4, 6, 4, 4)]
    public void Recall_and_precision_on_impacted_requests(string detector, long found, long impacted, long right, long alarms)
    {
        var figures = Faults.Of(detector)!.Impacted;

        Assert.Equal((found, impacted), Counts(figures.Recall));
        Assert.Equal((right, alarms), Counts(figures.Precision));
    }

    [Fact]
    public void Touched_is_another_question()
    {
        // Touched: three in the first, one in the second, two in the third; the application's alarm on an impacted, untouched request is false here.
        var status = Faults.Of("status")!.Touched;

        Assert.Equal((2L, 6L), Counts(status.Recall));
        Assert.Equal((2L, 4L), Counts(status.Precision));
    }

    [Fact]
    public void An_episode_is_detected_by_an_alarm_on_a_touched_or_impacted_request()
    {
        Assert.Equal((2L, 3L), Counts(Faults.Of("status")!.EpisodesDetected));
        Assert.Equal((1L, 3L), Counts(Faults.Of("any_retransmit_or_reset")!.EpisodesDetected));
        Assert.Equal((2L, 3L), Counts(Faults.Of("cross_layer")!.EpisodesDetected));
    }

    [Fact]
    public void Blind_spots_are_told_in_both_directions()
    {
        // Of 7 touched or impacted: only cross_layer finds two of path loss and the last of congestion; only status the abstained one and one of congestion.
        var spot = Faults.BlindSpots.Single(of => of.Baseline == "all application-only");

        Assert.Equal((3L, 7L), Counts(spot.OnlyCrossLayer));
        Assert.Equal((2L, 7L), Counts(spot.OnlyBaseline));
        Assert.Equal("status", Faults.BestSingleLayer);
    }

    [Fact]
    public void Detectors_are_compared_on_the_same_requests()
    {
        // cross_layer and status differ in 5 of 6 impacted requests, 3 to 2: p = 1.
        var comparison = Faults.RequestComparisons.Single(of => of.Other == "status");

        Assert.Equal((3, 2, 6, 1.0), (comparison.OnlyDetector, comparison.OnlyOther, comparison.Cases, comparison.PValue));
        Assert.Equal(3, Faults.RequestComparisons.Count);
    }

    [Fact]
    public void The_union_is_ahead_here_and_the_difference_says_so()
    {
        var difference = Assert.Single(Faults.ImpactedDifferences);

        Assert.Equal(-1.0 / 6, difference.Difference!.Value, 1e-12);
        Assert.True(difference.Interval!.Value.Low < difference.Difference && difference.Difference < difference.Interval.Value.High);
    }

    [Fact]
    public void Causes_of_episodes_and_requests_with_the_full_matrix()
    {
        // Episodes: path_loss right; nothing in the second; in the third congestion and slow_reader tie with 0.6, and congestion is first of the two.
        var causes = Faults.Of("cross_layer")!.Causes!;

        Assert.Equal((2L, 3L), Counts(causes.EpisodeTop1));
        Assert.Equal((3L, 6L), Counts(causes.RequestTop1));
        Assert.Equal((3L, 4L), Counts(causes.AlarmTop1));
        Assert.Equal(
        [
            new CauseCell("congestion", "congestion", 1), new CauseCell("congestion", "none", 1), new CauseCell("congestion", "slow_reader", 1),
            new CauseCell("path_loss", "abstained", 1), new CauseCell("path_loss", "path_loss", 2),
        ], causes.Requests);
        Assert.Null(Faults.Of("status")!.Causes);
    }

    [Fact]
    public void Mixes_stand_apart()
    {
        var mix = Summary.Scope("mix")!;

        Assert.Equal((1L, 1L), Counts(mix.Of("cross_layer")!.Causes!.EpisodeTop3));
        Assert.Equal("congestion+path_loss", Assert.Single(mix.Scenarios).Scenario);
        Assert.Null(Summary.Scope("held_out"));
    }

    [Fact]
    public void Every_alarm_where_there_is_no_fault_is_false()
    {
        var control = Summary.FalseAlarms.Single(group => group.Group == "control").Detectors.Single(of => of.Detector == "cross_layer");
        var negative = Summary.FalseAlarms.Single(group => group.Group == "client_abort").Detectors;

        Assert.Equal((1L, 4L), Counts(control.Requests));
        Assert.Equal((2L, 2L), Counts(negative.Single(of => of.Detector == "union").Requests));
        Assert.Equal(1, negative.Single(of => of.Detector == "cross_layer").Abstained);
    }

    [Fact]
    public void Confidence_is_held_against_causes_of_all_but_the_tuning_traffic()
    {
        // path_loss at 0.9: two right in the first, two in the mix, wrong where nothing was applied and in control. At 0.6: congestion right twice, slow_reader wrong.
        var calibration = Assert.Single(Summary.Calibrations).Calibration;

        Assert.Equal([(2L, 3L), (4L, 6L)], calibration.Bins.Select(bin => Counts(bin.Right)));
    }

    [Fact]
    public void Targets_are_computed()
    {
        Assert.Equal("not met", Target("top-1 cause by episode, known levels").Met);
        Assert.Equal("met", Target("top-1 cause by episode, mixes").Met);
        Assert.Equal("no data", Target("top-1 cause by episode, levels not seen").Met);
        Assert.Equal("not met", Target("false positives in control traffic").Met);
        Assert.Equal("met", Target("precision on impacted requests, path_loss").Met);
        Assert.Equal("not met", Target("delay p95, all but").Met);
        Assert.Equal("no data", Target("cost in paced load").Met);

        static TargetSummary Target(string start) => Summary.Targets.Single(of => of.Figure.StartsWith(start, StringComparison.Ordinal));
    }

    [Fact]
    public void The_headline_is_made_of_the_figures() => Assert.Equal(
        "Of 6 impacted requests in 3 episodes with a fault at a known level, holding the layers against each other finds 66.7 %, the best detector of one layer (status) 50.0 %, "
        + "and the two layers side by side 83.3 %: no difference that chance does not explain. It names the injected cause first in 2 of 3 episodes. "
        + "In traffic without a fault it alarms on 1 of 4 requests.",
        Headline.Of(Summary));

    private static (long, long) Counts(Share share) => (share.Numerator, share.Denominator);
}
