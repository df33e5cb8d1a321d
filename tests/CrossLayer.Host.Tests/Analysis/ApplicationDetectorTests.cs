using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Detectors;

namespace CrossLayer.Host.Tests.Analysis;

public sealed class ApplicationDetectorTests
{
    private static readonly EpisodeInput Hundred = Episode.Of([.. Enumerable.Range(1, 100).Select(i => Episode.Record($"{i}", i, startMs: 1000 * i))]);

    [Fact]
    public void What_either_end_reports_as_failed_is_suspicious_when_it_is_reported()
    {
        var episode = Episode.Of(
            [
                Episode.Record("fine", 5),
                Episode.Record("slow", 5000),
                Episode.Record("timeout", 20, startMs: 100) with { Result = RequestResult.Timeout, StatusCode = 0 },
                Episode.Record("unavailable", 30, startMs: 200) with { Result = RequestResult.HttpError, StatusCode = 503 },
                Episode.Record("not found", 5) with { Result = RequestResult.HttpError, StatusCode = 404 },
                Episode.Record("thrown at the server", 50, startMs: 300),
                Episode.Record("thrown at both", 50, startMs: 400) with { Result = RequestResult.Reset },
            ],
            [
                Episode.Record("thrown at the server", 7, startMs: 301) with { Role = RequestRole.Server, ErrorType = "IOException" },
                Episode.Record("thrown at both", 7, startMs: 401) with { Role = RequestRole.Server, Result = RequestResult.Error },
                Episode.Record("only at the server", 9, startMs: 500) with { Role = RequestRole.Server, StatusCode = 500, Result = RequestResult.HttpError },
            ]);

        Assert.Equal(
            [
                ("only at the server", 1.0, Episode.Unix(509)),
                ("thrown at both", 1.0, Episode.Unix(408)),
                ("thrown at the server", 1.0, Episode.Unix(308)),
                ("timeout", 1.0, Episode.Unix(120)),
                ("unavailable", 1.0, Episode.Unix(230)),
            ],
            Sorted(new StatusDetector().Judge(episode)));
    }

    [Fact]
    public void The_static_threshold_is_three_times_the_99th_percentile_of_the_route()
    {
        var detector = new StaticThresholdDetector();
        detector.Learn(Hundred);
        detector.Learn(Episode.Of([Episode.Record("x", 10_000, route: "/large")]));

        // Of 1 to 100 the 99th percentile is 99 by nearest rank: the threshold is 297.
        Assert.Equal(
            [("at", 1.0, Episode.Unix(297)), ("large", 0.5, Episode.Unix(15_000)), ("twice", 2.0, Episode.Unix(594))],
            Sorted(detector.Judge(Episode.Of(
                [Episode.Record("at", 297), Episode.Record("twice", 594), Episode.Record("large", 15_000, route: "/large")]))));
    }

    [Fact]
    public void A_route_that_was_not_learned_is_held_against_all_together()
    {
        var detector = new StaticThresholdDetector();
        detector.Learn(Hundred);

        Assert.Equal([("new", 2.0, Episode.Unix(594))], Sorted(detector.Judge(Episode.Of([Episode.Record("new", 594, route: "/new")]))));
    }

    [Fact]
    public void The_robust_z_score_is_the_distance_from_the_median_in_deviations()
    {
        // Iglewicz and Hoaglin's example has the same form: median 3, absolute deviations 2 1 0 1 97, their median 1.
        var detector = new RobustZDetector();
        detector.Learn(Episode.Of([.. ((double[])[1, 2, 3, 4, 100]).Select((ms, i) => Episode.Record($"{i}", ms))]));

        var suspicions = detector.Judge(Episode.Of([Episode.Record("above", 3 + (1.4826 * 4)), Episode.Record("below", 3 - 1.4826), Episode.Record("at", 3)])).ToList();

        Assert.Equal(["below", "above"], suspicions.Select(suspicion => suspicion.Request.Text));
        Assert.Equal([1, 4], suspicions.Select(suspicion => Math.Round(suspicion.Score, 9)));
    }

    [Fact]
    public void The_weighted_mean_and_deviation_follow_the_latencies_in_the_order_in_which_they_end()
    {
        // Learned: mean 10, variance 4. At 20: 10 / 2 = 5; then mean 11, variance 0.9 (4 + 0.1 100) = 12.6. At 11 + sqrt(12.6): 1.
        var detector = new EwmaDetector();
        detector.Learn(Episode.Of([Episode.Record("a", 8), Episode.Record("b", 12)]));

        var suspicions = detector.Judge(Episode.Of(
            [Episode.Record("second", 11 + Math.Sqrt(12.6), startMs: 1000), Episode.Record("first", 20, startMs: 0)])).ToList();

        Assert.Equal(["first", "second"], suspicions.Select(suspicion => suspicion.Request.Text));
        Assert.Equal([5, 1], suspicions.Select(suspicion => Math.Round(suspicion.Score, 9)));
    }

    [Fact]
    public void An_episode_begins_where_learning_ended_whatever_the_one_before_was_like()
    {
        var detector = new EwmaDetector();
        detector.Learn(Episode.Of([Episode.Record("a", 8), Episode.Record("b", 12)]));
        var episode = Episode.Of([Episode.Record("x", 20), Episode.Record("y", 30, startMs: 100)]);

        Assert.Equal(detector.Judge(episode).ToList(), detector.Judge(episode).ToList());
    }

    public static TheoryData<string> Latencies => new("static_threshold", "robust_z", "ewma");

    [Theory, MemberData(nameof(Latencies))]
    public void What_failed_is_more_suspicious_than_any_latency_and_what_is_expected_to_take_long_is_not(string name)
    {
        var detector = Detector(name);
        detector.Learn(Hundred);

        var scores = detector.Judge(Episode.Of(
        [
            Episode.Record("failed", 1) with { Result = RequestResult.Reset },
            Episode.Record("ages", 1e10),
            Episode.Record("long poll", 1e10) with { ExpectedSlow = true },
        ])).ToDictionary(suspicion => suspicion.Request.Text, suspicion => suspicion.Score);

        Assert.Equal(["ages", "failed"], scores.Keys.Order());
        Assert.True(scores["failed"] > scores["ages"]);
        Assert.True(double.IsFinite(scores["failed"]));
    }

    [Theory, MemberData(nameof(Latencies))]
    public void What_failed_is_not_learned(string name)
    {
        var (one, other) = (Detector(name), Detector(name));
        one.Learn(Hundred);
        other.Learn(Hundred);
        other.Learn(Episode.Of([Episode.Record("failed", 1e9) with { Result = RequestResult.Timeout }]));
        var episode = Episode.Of([Episode.Record("x", 500)]);

        Assert.Equal(one.Judge(episode).ToList(), other.Judge(episode).ToList());
    }

    [Fact]
    public void The_dummy_guesses_the_same_of_a_request_each_time_and_evenly_of_many()
    {
        var episode = Episode.Of([.. Enumerable.Range(0, 10_000).Select(i => Episode.Record($"{i}", 1))]);
        var scores = new DummyDetector().Judge(episode).ToList();

        Assert.Equal(scores, new DummyDetector().Judge(episode).ToList());
        // A share of 10,000 even guesses is within five standard deviations, 0.025.
        Assert.InRange(scores.Count(suspicion => suspicion.Score > 0.5), 4750, 5250);
        Assert.NotEqual(scores, new DummyDetector().Judge(episode with { Name = "0001" }).ToList());
    }

    private static LatencyDetector Detector(string name) =>
        name switch { "static_threshold" => new StaticThresholdDetector(), "robust_z" => new RobustZDetector(), _ => new EwmaDetector() };

    private static List<(string, double, long)> Sorted(IEnumerable<Suspicion> suspicions) =>
        [.. suspicions.Select(suspicion => (suspicion.Request.Text, suspicion.Score, suspicion.AtUnixNs)).OrderBy(row => row.Text, StringComparer.Ordinal)];
}
