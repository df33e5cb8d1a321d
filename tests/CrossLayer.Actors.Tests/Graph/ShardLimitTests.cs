using Akka.Actor;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Graph;

/// <summary>Whoever may report can name as many connections as there are addresses.</summary>
public class ShardLimitTests : TestKit
{
    private const int Limit = 8;
    private const long Second = 1_000_000_000;

    private readonly IActorRef _shard;

    public ShardLimitTests() => _shard = Sys.ActorOf(ShardActor.Props(new CorrelationSettings { Shards = 1, MaxSockets = Limit }));

    [Fact]
    public async Task Connections_that_only_records_name_make_room_for_others_once_they_are_decided()
    {
        var decided = 0;
        for (var i = 1; i <= 40; i++)
        {
            var answer = await Ask(i * Second, [Record(i, i * Second)]);
            Assert.InRange(answer.Counters.Connections, 0, Limit);
            decided += answer.Correlations.Count;
        }

        var last = await Ask(60 * Second, []);
        Assert.Equal(40, decided + last.Correlations.Count);
        Assert.Equal(0, last.Counters.RejectedRecords);
    }

    [Fact]
    public async Task Records_of_more_connections_than_are_kept_are_rejected_and_counted()
    {
        var first = await Ask(Second, [.. Enumerable.Range(1, 20).Select(i => Record(i, Second))]);
        var next = await Ask(Second + 1, [Record(1, Second), Record(21, Second)]);
        var last = await Ask(10 * Second, []);

        Assert.Equal((Limit, 12L), (first.Counters.Connections, first.Counters.RejectedRecords));
        Assert.Equal((Limit, 13L), (next.Counters.Connections, next.Counters.RejectedRecords));
        Assert.Equal(Limit + 1, last.Correlations.Count);
    }

    [Fact]
    public async Task A_connection_that_the_kernel_shows_is_taken_though_records_named_as_many_as_are_kept()
    {
        var c = new Conversation().Open(1010, 1009).Exchange(1020).Close(1400);
        await Ask(Second, [.. Enumerable.Range(1, 20).Select(i => Record(i, Second))]);

        await Ask(2 * Second, [c.ClientRecord(1, 1019, 6)], [.. c.Events]);
        var last = await Ask(10 * Second, []);

        Assert.Equal(12, last.Counters.RejectedRecords);
        Assert.Single(last.Correlations, correlation => correlation.ClientExchange is not null);
    }

    private static TimedRecord Record(int client, long endNs) => new(
        new RequestRecord
        {
            RequestId = RequestId.From(client),
            LatencyMs = 1,
            Role = RequestRole.Server,
            Result = RequestResult.Success,
            Local = Conversation.End(80),
            Peer = Conversation.End(1000 + client),
        },
        endNs - 1_000_000);

    private Task<CorrelationBatch> Ask(long watermarkNs, IReadOnlyList<TimedRecord> records, params KernelEvent[] events)
    {
        var batch = new ShardBatch { WatermarkNs = watermarkNs };
        foreach (var e in events)
            batch.Add(in e);
        foreach (var record in records)
            batch.Add(record);
        return _shard.Ask<CorrelationBatch>(batch, TimeSpan.FromSeconds(30));
    }
}
