using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Analysis;

public sealed class CrossLayerDetectorTests
{
    // Settle 500 ms, lateness 1 s, unacknowledged 3 s, patience 60 s, disorder 20 ms.
    private static readonly CorrelationSettings Settings = new();

    private static readonly Host.Files.DatedKernelEvent[] Clock = [Episode.AtClient(1, new KernelEvent { Type = KernelEventType.Close })];

    [Fact]
    public void What_is_discrepant_is_as_suspicious_as_the_finding_is_sure_and_what_is_inconclusive_abstains()
    {
        var episode = Episode.Of(events: Clock, correlations:
        [
            Episode.Correlation("discrepant", Episode.Discrepant(Cause.SilentResponseLoss, 0.9), 2000),
            Episode.Correlation("inconclusive", Finding.Inconclusive("events were lost"), 3000),
            Episode.Correlation("healthy", Finding.Healthy, 2000),
        ]);

        Assert.Equal(
            [
                new Suspicion(new RequestId("discrepant"), 0.9, Episode.Unix(2020), Cause.SilentResponseLoss),
                new Suspicion(new RequestId("inconclusive"), 0, Episode.Unix(3020), Abstains: true),
            ],
            CrossLayerDetector.BothEnds(Settings).Judge(episode));
    }

    [Fact]
    public void Each_end_is_judged_by_its_own_correlations()
    {
        var episode = Episode.Of(events: Clock) with
        {
            ClientEndCorrelations = [Episode.Correlation("a", Episode.Discrepant(Cause.Unknown, 0.2), 2000)],
            ServerEndCorrelations = [Episode.Correlation("b", Episode.Discrepant(Cause.Unknown, 0.3), 2000)],
        };

        Assert.Empty(CrossLayerDetector.BothEnds(Settings).Judge(episode));
        Assert.Equal("a", Assert.Single(CrossLayerDetector.ClientEnd(Settings).Judge(episode)).Request.Text);
        Assert.Equal("b", Assert.Single(CrossLayerDetector.ServerEnd(Settings).Judge(episode)).Request.Text);
    }

    [Fact]
    public void An_exchange_that_nobody_claims_is_about_the_request_of_its_connection_and_time()
    {
        var unclaimed = Episode.Correlation("made up", Episode.Discrepant(Cause.UnclaimedExchange, 0.7), 5000) with { ClientRecord = null };
        RequestRecord[] records =
        [
            Episode.Record("before", 100, startMs: 1000),
            Episode.Record("of that time", 100, startMs: 2000),
            Episode.Record("elsewhere", 100, startMs: 3000) with { Local = Episode.Client with { Port = 40001 } },
        ];

        var requests = CorrelatedRequests.Of(
            [
                unclaimed with { ClientExchange = Episode.Exchange(2090, 2200) },
                unclaimed with { ServerExchange = Episode.Exchange(3000, 3100) },
            ],
            records, new EpisodeClock(Clock), Settings.ClockTolerance);

        Assert.Equal(["of that time"], requests.Requests.Select(pair => pair.Request.Text));
        Assert.Equal(1, requests.LeftOut);
    }

    [Fact]
    public void Of_several_requests_it_is_the_one_that_it_has_most_time_in_common_with()
    {
        var unclaimed = Episode.Correlation("made up", Episode.Discrepant(Cause.UnclaimedExchange, 0.7), 5000);
        unclaimed = unclaimed with { ClientRecord = null, ClientExchange = Episode.Exchange(1050, 2100) };

        var requests = CorrelatedRequests.Of([unclaimed], [Episode.Record("50 ms", 100, startMs: 1000), Episode.Record("100 ms", 100, startMs: 2000)],
            new EpisodeClock(Clock), Settings.ClockTolerance);

        Assert.Equal("100 ms", Assert.Single(requests.Requests).Request.Text);
    }

    public static TheoryData<string, long> Times => new()
    {
        { "its window's closing", 2020 },
        { "the end of its record", 7000 },
        { "the end of the server's record", 8000 },
        { "a request without a response: patience", 61_120 },
        { "a response sent again and not acknowledged", 4120 },
        { "a response not acknowledged: patience", 61_120 },
        { "a connection that was closed", 2020 },
        { "a connection that was closed late", 9020 },
        { "a reset that it sent itself", 2020 },
        { "a connect that failed", 2020 },
        { "the end of all input", 1 + 1500 + 20 },
    };

    [Theory, MemberData(nameof(Times))]
    public void A_finding_is_known_when_all_that_it_rests_on_is(string name, long expectedMs)
    {
        var correlation = Episode.Correlation("a", Finding.Healthy, 2000);
        var exchange = Episode.Exchange(1000, 1100);
        var answerless = exchange with { Response = default };
        correlation = name switch
        {
            "its window's closing" => correlation with { ClientExchange = exchange },
            "the end of its record" => correlation with { ClientRecord = Episode.Record("a", 6000, startMs: 1000) },
            "the end of the server's record" => correlation with { ServerRecord = Episode.Record("a", 7000, startMs: 1000) },
            "a request without a response: patience" => correlation with { ServerExchange = answerless },
            "a response sent again and not acknowledged" => correlation with { ServerExchange = exchange with { UnackedBytes = 1, Retransmits = 3 } },
            "a response not acknowledged: patience" => correlation with { ServerExchange = exchange with { UnackedBytes = 1 } },
            "a connection that was closed" => correlation with { ClientExchange = answerless with { ClosedNs = 1200 * Episode.Ms } },
            "a connection that was closed late" => correlation with { ClientExchange = answerless with { ClosedNs = 9000 * Episode.Ms } },
            "a reset that it sent itself" => correlation with { ServerExchange = answerless with { ResetSentNs = 1100 * Episode.Ms } },
            "a connect that failed" => correlation with { ClientExchange = answerless with { ConnectError = 111 } },
            "the end of all input" => correlation with { ClosedAtNs = long.MaxValue },
            _ => throw new ArgumentException(name),
        };

        Assert.Equal(Episode.Unix(expectedMs), new FindingTime(new EpisodeClock(Clock), Settings).UnixNsOf(correlation));
    }

    [Fact]
    public void Times_follow_a_clock_that_is_set()
    {
        var late = Episode.AtClient(3000, new KernelEvent { Type = KernelEventType.Close });
        late.UnixNs += 10 * Episode.Ms;
        var undated = Episode.AtClient(4000, new KernelEvent { Type = KernelEventType.Close });
        undated.UnixNs = 0;

        var clock = new EpisodeClock([.. Clock, late, undated]);

        Assert.Equal(Episode.Unix(2999), clock.ToUnixNs(2999 * Episode.Ms));
        Assert.Equal(Episode.Unix(3011), clock.ToUnixNs(3001 * Episode.Ms));
        Assert.Equal(Episode.Unix(4010), clock.UnixNsOf(in undated));
        Assert.Null(new EpisodeClock([]).ToUnixNs(1));
    }
}
