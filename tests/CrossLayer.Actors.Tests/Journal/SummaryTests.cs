using Akka;
using Akka.Actor;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Journal;

[Collection(PostgresCollection.Name)]
public sealed class SummaryTests(PostgresServer server) : JournalTest(server)
{
    private const long Minute = 60_000_000_000;
    private readonly SummaryAggregator _aggregator = new(TimeSpan.FromMinutes(1), maxRoutes: 3);

    [Fact]
    public void Requests_are_added_up_by_service_and_route_verdict_and_cause()
    {
        _aggregator.Add([Of(Samples.Healthy(1), "shop", "/a", 10), Of(Samples.Healthy(2), "shop", "/a", 30)], 5 * Minute + 7);
        _aggregator.Add(
            [
                Of(Samples.Discrepant(3, Cause.PathLoss), "shop", "/a", 500), Of(Samples.Discrepant(4, Cause.PathLoss), "shop", "/b", 20),
                Of(Samples.Inconclusive(5), "bank", "/a", 1), Of(Samples.Discrepant(6, Cause.Congestion), "shop", "/a", 20),
            ],
            5 * Minute + 9);
        Assert.Null(_aggregator.Close(6 * Minute - 1));

        var summary = _aggregator.Close(6 * Minute)!;
        Assert.Equal((5 * Minute, 6 * Minute, 0L), (summary.StartUnixNs, summary.EndUnixNs, summary.OverflowRequests));
        Assert.Equal([("shop", "/a", 4L), ("shop", "/b", 1L), ("bank", "/a", 1L)], summary.Routes.Select(route => (route.Service, route.Route, route.Requests)));
        var first = summary.Routes[0];
        Assert.Equal((2L, 2L, 0L), (first.Healthy, first.Discrepant, first.Inconclusive));
        Assert.Equal([(Cause.PathLoss, 1L), (Cause.Congestion, 1L)], first.Causes.OrderBy(cause => cause.Key).Select(cause => (cause.Key, cause.Value)));
        Assert.InRange(first.Latency!.P50Ms, 19.8, 20.2);
        Assert.InRange(first.Latency.MaxMs, 495, 505);
        Assert.Null(_aggregator.Close(8 * Minute));
    }

    [Fact]
    public void Routes_beyond_the_limit_are_counted_together()
    {
        _aggregator.Add([.. Enumerable.Range(1, 10).Select(id => Of(Samples.Healthy(id), "shop", $"/{id}", 1))], 0);
        var summary = _aggregator.Close(Minute)!;
        Assert.Equal(["/1", "/2", "/3", "other"], summary.Routes.Select(route => route.Route));
        Assert.Equal((7L, 7L), (summary.Routes[^1].Requests, summary.OverflowRequests));
    }

    [Fact]
    public void Lost_events_belong_to_the_interval_in_which_they_were_lost()
    {
        _aggregator.Add([Of(Samples.Healthy(1), "a", "/", 1)], 0);
        _aggregator.Lost(7);
        Assert.Equal(7, _aggregator.Close(Minute)!.LostEvents);
        _aggregator.Lost(9);
        Assert.Null(_aggregator.Close(Minute + 1)); // begins an interval though no request came
        Assert.Equal(2, _aggregator.Close(2 * Minute)!.LostEvents);
    }

    [Fact]
    public void An_end_closes_an_interval_that_goes_on()
    {
        _aggregator.Add([Of(Samples.Healthy(1), "a", "/", 1)], 5);
        Assert.Equal(99, _aggregator.Close(99, ending: true)!.EndUnixNs);
        Assert.Null(_aggregator.Close(100, ending: true));
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Summaries_stand_in_the_journal_beside_discrepancies(JournalProvider provider)
    {
        Use(provider);
        Settings = Settings with { SummaryInterval = TimeSpan.FromHours(1) };
        var system = Start();
        var journal = system.StartJournal(Settings);
        var summaries = system.StartSummaries(Settings, journal);
        await Append(journal, Samples.Discrepant(1));
        summaries.Tell(new SummaryActor.Requests([Of(Samples.Discrepant(1, Cause.PathLoss), "shop", "/a", 3), Of(Samples.Healthy(2), "shop", "/a", 1)]));
        summaries.Tell(new SummaryActor.LostEvents(5));
        await summaries.Ask<Done>(new SummaryActor.Finish(), Patience);

        Assert.Single(await QueryAfterRestart());
        var query = new DiscrepancyQuery(Settings);
        var stored = Assert.Single(await All(query.ReadSummariesAsync()));
        Assert.Equal(5, stored.Summary.LostEvents);
        Assert.InRange(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch.AddTicks(stored.Summary.EndUnixNs / 100), TimeSpan.FromSeconds(-1), TimeSpan.FromMinutes(2));
        var route = Assert.Single(stored.Summary.Routes);
        Assert.Equal(("shop", "/a", 1L, 1L, 0L), (route.Service, route.Route, route.Healthy, route.Discrepant, route.Inconclusive));
        Assert.Equal(1, route.Causes[Cause.PathLoss]);
        Assert.Equal(0, query.Unreadable.Count);
        Assert.Equal("S1", Sql<string>("SELECT manifest FROM journal WHERE tags = ';summary;'"));
    }

    // If this fails, journals that exist can no longer be read.
    [Fact]
    public void The_bytes_of_manifest_S1_are_still_written_and_read()
    {
        const string bytes = "0801100A1A3C0A0473686F7012022F61180220032804320408011003" + "3A24090000000000000840110000000000001040190000000000001440210000000000001840" + "20052806";
        var summary = new IntervalSummary(1, 10, [new RouteSummary("shop", "/a", 2, 3, 4, new Dictionary<Cause, long> { [Cause.PathLoss] = 3 }, new LatencySummary(3, 4, 5, 6))], 5, 6);
        using var system = ActorSystem.Create("wire");
        var serializer = new JournalSerializer((ExtendedActorSystem)system);
        Assert.Equal(bytes, Convert.ToHexString(serializer.ToBinary(summary)));
        Assert.Equivalent(summary, serializer.FromBinary(Convert.FromHexString(bytes), "S1"), strict: true);
    }

    private static Correlation Of(Correlation correlation, string service, string route, double latencyMs) => correlation with
    {
        ServerRecord = new RequestRecord
        {
            RequestId = correlation.RequestId,
            LatencyMs = latencyMs,
            Result = RequestResult.Success,
            Role = RequestRole.Server,
            Service = service,
            Route = route,
        },
    };
}
