using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Diagnosis;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class SlowRequestTests
{
    private static readonly CorrelationSettings Settings = new()
    {
        SlowRoutes =
        [
            new SlowRoute(RequestRole.Client, "/a", TimeSpan.FromMilliseconds(40)),
            new SlowRoute(RequestRole.Server, "/a", TimeSpan.FromMilliseconds(15)),
            new SlowRoute(null, "/slow/*", TimeSpan.FromSeconds(2)),
        ],
        ExpectedSlowRoutes = ["/a/poll"],
    };

    [Theory]
    [InlineData(RequestRole.Client, "/a", 39.9, false)]
    [InlineData(RequestRole.Client, "/a", 40, true)]
    [InlineData(RequestRole.Server, "/a", 14.9, false)]
    [InlineData(RequestRole.Server, "/a", 15, true)]
    [InlineData(RequestRole.Client, "/slow/report", 1999, false)]
    [InlineData(RequestRole.Server, "/slow/report", 2000, true)]
    [InlineData(RequestRole.Client, "/b", 499, false)]
    [InlineData(RequestRole.Client, "/b", 500, true)]
    [InlineData(RequestRole.Client, null, 499, false)]
    [InlineData(RequestRole.Client, "/a/poll", 9999, false)]
    public void A_request_is_slow_by_the_limit_of_its_route_and_of_who_reports_it(RequestRole role, string? route, double latencyMs, bool slow) =>
        Assert.Equal(slow, IsSlow(Record(role, route, latencyMs)));

    [Fact]
    public void Of_two_records_the_clients_decides()
    {
        Assert.False(IsSlow(Record(RequestRole.Client, "/a", 39), Record(RequestRole.Server, "/a", 38)));
        Assert.True(IsSlow(Record(RequestRole.Client, "/a", 40), Record(RequestRole.Server, "/a", 1)));
    }

    [Fact]
    public void What_is_expected_to_be_slow_is_not_whatever_its_limit() =>
        Assert.False(IsSlow(Record(RequestRole.Client, "/a", 40) with { ExpectedSlow = true }));

    private static bool IsSlow(params RequestRecord[] records)
    {
        var window = records.Aggregate(RequestWindow.Empty, (window, record) => window.Add(new AddRecord(new TimedRecord(record, 0), Match.None)));
        return new CaseFile(window, Ledger.Empty, new CloseWindow(0, Coverage.None, Roles.None), Settings).IsSlow;
    }

    private static RequestRecord Record(RequestRole role, string? route, double latencyMs) => new()
    {
        RequestId = RequestId.From(1),
        Role = role,
        Route = route,
        LatencyMs = latencyMs,
        StatusCode = 200,
        Result = RequestResult.Success,
    };
}
