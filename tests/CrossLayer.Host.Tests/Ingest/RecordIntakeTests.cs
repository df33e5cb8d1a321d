using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;

namespace CrossLayer.Host.Tests.Ingest;

public sealed class RecordIntakeTests
{
    [Fact]
    public async Task Records_are_stripped_timed_and_counted()
    {
        var sink = new Sink(room: 1);
        var intake = new RecordIntake("http", sink, TimeProvider.System);

        var reported = await intake.OfferAsync([Record("/a?x=1", startUnixNs: 5), Record("/b")], CancellationToken.None);

        Assert.Equal(new RequestsReported(1, 1), reported);
        Assert.Equal(1, intake.Accepted);
        Assert.Empty(intake.Rejected);
        Assert.Equal(["/a", "/b"], sink.Offered.Select(record => record.Route));
        Assert.Equal((5L, null), (sink.Offered[0].StartUnixNs, sink.Offered[0].ResolutionMs));
    }

    [Fact]
    public async Task A_record_without_a_time_gets_that_of_its_arrival_and_says_how_exact_it_is()
    {
        var sink = new Sink(room: 9);
        var before = UnixTime.NowNs();

        await new RecordIntake("unix", sink, TimeProvider.System).OfferAsync([Record("/b")], CancellationToken.None);

        var record = Assert.Single(sink.Offered);
        Assert.InRange(record.EndUnixNs!.Value, before, UnixTime.NowNs());
        Assert.Equal(ArrivalTime.ResolutionMs, record.ResolutionMs);
    }

    [Fact]
    public void Rejections_are_counted_by_their_reason()
    {
        var intake = new RecordIntake("http", new Sink(0), TimeProvider.System);

        intake.Reject(Rejection.Malformed);
        intake.Reject(Rejection.Malformed, 2);
        intake.Reject(Rejection.TooLarge);

        Assert.Equal((3L, 1L), (intake.Rejected[Rejection.Malformed], intake.Rejected[Rejection.TooLarge]));
    }

    private static RequestRecord Record(string route, long? startUnixNs = null) => new()
    {
        RequestId = RequestId.From(1),
        LatencyMs = 2,
        Result = RequestResult.Success,
        Route = route,
        StartUnixNs = startUnixNs,
    };

    private sealed class Sink(int room) : IRecordSink
    {
        public List<RequestRecord> Offered { get; } = [];

        public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation)
        {
            Offered.AddRange(records);
            var accepted = Math.Min(room, records.Count);
            return Task.FromResult(new RequestsReported(accepted, records.Count - accepted));
        }
    }
}
