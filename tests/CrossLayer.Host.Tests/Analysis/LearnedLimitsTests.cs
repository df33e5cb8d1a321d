using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Detectors;

namespace CrossLayer.Host.Tests.Analysis;

public sealed class LearnedLimitsTests
{
    private readonly LearnedLimits _limits = new();

    [Fact]
    public void Of_1000_requests_the_999th_counts_and_of_fewer_the_longest()
    {
        _limits.Learn(Episode.Of([.. Enumerable.Range(1, 600).Select(i => Episode.Record($"{i}", i, route: "/a"))]));
        _limits.Learn(Episode.Of([.. Enumerable.Range(601, 400).Select(i => Episode.Record($"{i}", i, route: "/a")), Episode.Record("b1", 10, route: "/b"), Episode.Record("b2", 7, route: "/b")]));

        // 999 ms * 1.2 and 10 ms * 1.2.
        Assert.Equal([Limit(RequestRole.Client, "/a", 1_198_800, 1000), Limit(RequestRole.Client, "/b", 12_000, 2)], _limits.ToList());
    }

    [Fact]
    public void What_clients_and_what_servers_report_is_apart()
    {
        _limits.Learn(Episode.Of([Episode.Record("1", 40, route: "/a")], [AtServer(Episode.Record("1", 0.25, route: "/a"))]));

        Assert.Equal([Limit(RequestRole.Client, "/a", 48_000, 1), Limit(RequestRole.Server, "/a", 300, 1)], _limits.ToList());
    }

    [Fact]
    public void What_failed_or_takes_long_by_design_or_has_no_route_is_not_learned_from()
    {
        var slow = Episode.Record("x", 9000, route: "/a");
        _limits.Learn(Episode.Of(
        [
            Episode.Record("1", 10, route: "/a"),
            slow with { Result = RequestResult.Timeout },
            slow with { StatusCode = 503, Result = RequestResult.HttpError },
            slow with { ErrorType = "cancelled" },
            slow with { ExpectedSlow = true },
            slow with { StatusCode = 101 },
            slow with { Route = null },
            slow with { Route = "" },
        ]));

        Assert.Equal([Limit(RequestRole.Client, "/a", 12_000, 1)], _limits.ToList());
    }

    [Fact]
    public void Microseconds_are_rounded_up_and_no_limit_is_0()
    {
        _limits.Learn(Episode.Of([Episode.Record("1", 0.0712, route: "/a"), Episode.Record("2", 0, route: "/b")]));

        // 85.44 and 0.
        Assert.Equal([86, 1], _limits.ToList().Select(limit => limit.Slow.Limit.TotalMicroseconds));
    }

    [Fact]
    public void A_route_that_stands_for_others_does_not_hide_them()
    {
        _limits.Learn(Episode.Of([Episode.Record("1", 1, route: "/*"), Episode.Record("2", 2, route: "/a")]));

        var settings = new CorrelationSettings { SlowRoutes = [.. _limits.ToList().Select(limit => limit.Slow)] };

        Assert.Equal(TimeSpan.FromMilliseconds(2.4), settings.SlowLimit(RequestRole.Client, "/a"));
    }

    private static RequestRecord AtServer(RequestRecord record) => record with { Role = RequestRole.Server };

    private static LearnedLimit Limit(RequestRole role, string route, double microseconds, int requests) =>
        new(new SlowRoute(role, route, TimeSpan.FromMicroseconds(microseconds)), requests);
}
