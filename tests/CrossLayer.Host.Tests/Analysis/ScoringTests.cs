using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Scoring;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Tests.Analysis;

public sealed class ScoringTests
{
    [Fact]
    public void A_limit_is_the_999th_of_1000_and_the_greatest_of_fewer()
    {
        var ordinary = new OrdinaryLatencies(
        [
            Label("0000", [.. Enumerable.Range(1, 600).Select(i => Request($"{i}", i)), Request("failed", 5000, Outcome.None)]),
            Label("0001", [.. Enumerable.Range(601, 400).Select(i => Request($"{i}", i)), .. Enumerable.Range(1, 999).Select(i => Request($"b{i}", i, route: "/b"))]),
        ]);

        Assert.Equal([new OrdinaryLatency("/a", 999, 1000), new OrdinaryLatency("/b", 999, 999)], ordinary.Routes);
    }

    [Theory]
    [InlineData(10, "Right", "/a", false)]
    [InlineData(10.1, "Right", "/a", true)]
    [InlineData(10.1, "AsMeant", "/a", true)]
    [InlineData(1, "AsMeant", "/a", false)]
    [InlineData(1, "Wrong", "/a", true)]
    [InlineData(1, "Short", "/a", true)]
    [InlineData(1, "None", "/a", true)]
    [InlineData(9999, "Right", "/unheard of", false)]
    public void A_request_is_impacted_if_it_went_wrong_or_took_longer_than_is_ordinary(double latencyMs, string outcome, string route, bool impacted) =>
        Assert.Equal(impacted, new OrdinaryLatencies([Label("0000", [Request("x", 10)])]).IsImpacted(Request("y", latencyMs, Enum.Parse<Outcome>(outcome), route)));

    [Fact]
    public void Detectors_are_tuned_on_benign_episodes_and_decide_of_every_request()
    {
        // Of 10 benign requests 1 may be an alarm: the application's 4, so that 3 is the threshold; the kernel says nothing of them.
        var application = new Says(DetectorLayer.Application, Of("r9", 4), Of("r8", 3), Of("x", 3.5, 70), Of("x", 5, 80), Of("y", 2, 60));
        var kernel = new Says(DetectorLayer.Kernel, Of("y", 1, 90) with { Cause = Cause.PathLoss });
        var crossLayer = new Says(DetectorLayer.CrossLayer, Of("y", 0, 95) with { Abstains = true });
        var benign = Label("0000", [.. Enumerable.Range(0, 10).Select(i => Request($"r{i}", 10))]);

        IDetector[] detectors = [application, kernel, crossLayer];
        var scorer = EpisodeScorer.Tune(detectors, [Judged(benign)], 0.1);
        var scored = scorer.Score(Judged(Label("0001", [Request("x", 11), Request("y", 9), Request("z", 9)])));

        Assert.Equal([DetectorLayer.Application, DetectorLayer.Kernel, DetectorLayer.CrossLayer, DetectorLayer.Union], scorer.Detectors.Select(detector => detector.Layer));
        Assert.Equal([3, 0, 0], scorer.Detectors.Take(3).Select(detector => detector.Tuning.Threshold));
        Assert.Equal([1, 0, 0, 1], scorer.Detectors.Select(detector => detector.Tuning.Alarms));
        Assert.Equal([("x", true), ("y", false), ("z", false)], scored.Requests.Select(request => (request.Label.RequestId, request.Impacted)));
        Assert.Equal([new Decision(true, false, 5, 70, null), default, default], scored.Requests[0].Decisions.Take(3));
        Assert.Equal(
            [new Decision(false, false, 2, 60, null), new Decision(true, false, 1, 90, Cause.PathLoss), new Decision(false, true, 0, 95, null)],
            scored.Requests[1].Decisions.Take(3));
        Assert.Equal([default, default, default, default], scored.Requests[2].Decisions);
        // The union: of 10 benign requests r9 has 2/11, an alarm, and r8 3/11, none. 'x' has 2/11 from 3.5 on; 'y' has 3/11 by the application, 1/11 by the kernel.
        Assert.Equal((true, 70L), (scored.Requests[0].Decisions[3].Alarm, scored.Requests[0].Decisions[3].AtUnixNs));
        Assert.Equal((true, 90L, (Cause?)Cause.PathLoss), (scored.Requests[1].Decisions[3].Alarm, scored.Requests[1].Decisions[3].AtUnixNs, scored.Requests[1].Decisions[3].Cause));

        JudgedEpisode Judged(EpisodeLabel label) => JudgedEpisode.Of(label, Episode.Of(), detectors, TimeSpan.Zero);
    }

    [Fact]
    public void There_is_no_tuning_without_benign_requests() => Assert.Equal(
        "there are no requests of benign episodes; detectors are tuned on those",
        Assert.Throws<InputException>(() => EpisodeScorer.Tune([], [new JudgedEpisode(Label("0000", []), [], 0)], 0.1)).Message);

    [Theory]
    [InlineData(0.25, true, false)]
    [InlineData(0.75, false, true)]
    public void An_abstention_counts_where_nothing_else_is_an_alarm(double threshold, bool alarm, bool abstained)
    {
        var judgement = new Judgement([Of("x", 0, 1) with { Abstains = true }, Of("x", 0.5, 2) with { Cause = Cause.SlowHandler }]);

        Assert.Equal(new Decision(alarm, abstained, 0.5, 2, Cause.SlowHandler), judgement.Decide("x", threshold));
    }

    private static Suspicion Of(string request, double score, long at = 0) => new(new RequestId(request), score, at);

    private static EpisodeLabel Label(string episode, IReadOnlyList<RequestLabel> requests) =>
        new() { Episode = episode, Kind = EpisodeKind.Benign, Faults = [], Requests = requests };

    private static RequestLabel Request(string id, double latencyMs, Outcome outcome = Outcome.Right, string route = "/a") => new()
    {
        RequestId = id,
        Route = route,
        StartUnixNs = 0,
        LatencyMs = latencyMs,
        Outcome = outcome,
        Armed = false,
        TouchedBy = [],
    };
}
