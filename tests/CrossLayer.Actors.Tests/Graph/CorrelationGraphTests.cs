using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Graph;

public class CorrelationGraphTests : TestKit
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task The_same_input_gives_the_same_correlations_however_it_is_cut(int seed)
    {
        var random = new Random(seed);
        var (events, records) = Traffic(random);
        var expected = PlainPipeline.Run(events, [.. records]);
        Assert.Contains(expected, c => c.Finding.Verdict == Verdict.Discrepant);
        Assert.Contains(expected, c => c.Finding.Verdict == Verdict.Healthy);

        var correlations = await Run(Batches.Cut(Batches.Disorder(events, random), random), records);

        Assert.Equal(expected.Select(Batches.Text), correlations.Select(Batches.Text));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(7)]
    public async Task Missing_hooks_and_losses_amid_the_traffic_make_the_same_requests_inconclusive_however_it_is_cut(int seed)
    {
        var random = new Random(seed);
        var (events, records) = Traffic(random);
        var late = events[events.Count * 4 / 5].TimestampNs;
        events.Add(new KernelEvent { Type = KernelEventType.Missing, MissingType = KernelEventType.Acked, TimestampNs = late });
        const ulong piece = 8_000_000;
        var lost = (ulong)records.Where(record => record.Record.Result == RequestResult.Success).Min(record => record.StartNs!.Value);
        events.Add(new KernelEvent { Type = KernelEventType.Lost, SinceNs = lost, TimestampNs = lost + piece });
        events.Add(new KernelEvent { Type = KernelEventType.Lost, SinceNs = lost + piece, TimestampNs = lost + 2 * piece });
        events = [.. events.OrderBy(e => e.TimestampNs)];
        var expected = PlainPipeline.Run(events, [.. records]);
        Assert.Contains(expected, c => c.Finding.Reason?.Contains("acked events", StringComparison.Ordinal) == true);
        Assert.Contains(expected, c => c.Finding.Reason == "kernel events were lost in the request's time");
        Assert.Contains(expected, c => c.Finding.Verdict == Verdict.Healthy);

        var correlations = await Run(Batches.Cut(events, random), records);

        Assert.Equal(expected.Select(Batches.Text), correlations.Select(Batches.Text));
    }

    [Fact]
    public async Task Windows_close_with_the_watermark_while_the_sources_go_on()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);
        var kernel = Source.From([new KernelEventBatch(c.Events.ToArray(), 0), new KernelEventBatch([], 2_000_000_000)])
            .Concat(Source.Maybe<KernelEventBatch>().MapMaterializedValue(_ => Akka.NotUsed.Instance));
        var records = Source.Single<IReadOnlyList<TimedRecord>>([c.ClientRecord(1, 19, 6)])
            .Concat(Source.Maybe<IReadOnlyList<TimedRecord>>().MapMaterializedValue(_ => Akka.NotUsed.Instance));

        var batch = await CorrelationGraph.Create(kernel, records, Shards(), PlainPipeline.Settings)
            .Where(batch => batch.Correlations.Count > 0)
            .RunWith(Sink.First<CorrelationBatch>(), Sys.Materializer());

        Assert.Equal(1, batch.Correlations.Single().ClientRecord?.LatencyMs is 6 ? 1 : 0);
        Assert.Equal(1_524_000_000, batch.Correlations.Single().ClosedAtNs);
    }

    [Fact]
    public async Task Exchanges_of_connections_nobody_reports_are_counted()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(30);

        var batches = await CorrelationGraph.Create(
                Source.Single(new KernelEventBatch([.. c.Events], 0)), Source.Empty<IReadOnlyList<TimedRecord>>(), Shards(), PlainPipeline.Settings)
            .RunWith(Sink.Seq<CorrelationBatch>(), Sys.Materializer());

        Assert.Empty(batches.SelectMany(batch => batch.Correlations));
        Assert.Equal(2, batches[^1].Counters.UnclaimedExchanges);
    }

    [Fact]
    public async Task Sockets_and_connections_that_wait_for_a_verdict_are_counted_until_they_no_longer_are()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        var batches = await CorrelationGraph.Create(
                Source.From([new KernelEventBatch([.. c.Events], 0), new KernelEventBatch([], 100_000_000), new KernelEventBatch([], 10_000_000_000)]),
                Source.Empty<IReadOnlyList<TimedRecord>>(), Shards(), PlainPipeline.Settings)
            .RunWith(Sink.Seq<CorrelationBatch>(), Sys.Materializer());

        Assert.Contains(batches, batch => batch.Counters is { Sockets: 2, WaitingConnections: 1 });
        Assert.Equal(0, batches[^1].Counters.WaitingConnections);
    }

    [Fact]
    public async Task An_entity_that_fails_fails_the_graph_instead_of_hanging_it()
    {
        var broken = Conversation.End(1);
        var record = new TimedRecord(null!, 1);

        await Assert.ThrowsAnyAsync<Exception>(() => CorrelationGraph.Create(
                Source.Single(new KernelEventBatch([new KernelEvent { Local = broken, Peer = broken }], 0)),
                Source.Single<IReadOnlyList<TimedRecord>>([record]), Shards(), PlainPipeline.Settings)
            .RunWith(Sink.Ignore<CorrelationBatch>(), Sys.Materializer()));
    }

    private IReadOnlyList<IActorRef> Shards() =>
        [.. Enumerable.Range(0, PlainPipeline.Settings.Shards).Select(_ => Sys.ActorOf(ShardActor.Props(PlainPipeline.Settings)))];

    private async Task<List<Correlation>> Run(List<KernelEventBatch> batches, List<TimedRecord> records)
    {
        var result = await CorrelationGraph.Create(Source.From(batches).InitialDelay(TimeSpan.FromMilliseconds(50)),
                Source.Single<IReadOnlyList<TimedRecord>>(records), Shards(), PlainPipeline.Settings)
            .RunWith(Sink.Seq<CorrelationBatch>(), Sys.Materializer());
        return [.. result.SelectMany(batch => batch.Correlations)];
    }

    /// <summary>Connections side by side, with ordinary requests, slow ones, resets, losses and refusals.</summary>
    private static (List<KernelEvent> Events, List<TimedRecord> Records) Traffic(Random random)
    {
        var events = new List<KernelEvent>();
        var records = new List<TimedRecord>();
        for (var i = 0; i < 20; i++)
        {
            var c = new Conversation(40000 + i);
            var at = 10.0 + random.Next(500);
            if (i % 7 == 3)
            {
                records.Add(c.ClientRecord(i * 100, at - 1, 3, RequestResult.Refused));
                events.AddRange(c.FailToOpen(at, at - 0.5, 111).Events);
                continue;
            }

            c.Open(at, at - 1);
            for (var request = 0; request < random.Next(1, 6); request++)
            {
                at += 5 + random.Next(1500);
                var handler = random.Next(5) == 0 ? 700 : 2;
                c.ClientSends(at, 100).ServerReads(at + 1, 100).ServerSends(at + 1 + handler, 500).ClientReads(at + 2 + handler, 500);
                records.Add(c.ServerRecord((i * 100) + request, at + 1, handler));
                if (random.Next(3) > 0)
                    records.Add(c.ClientRecord((i * 100) + request, at - 1, handler + 4));
                at += 10 + handler;
            }

            if (random.Next(2) == 0)
                c.ClientResets(at + 1).Close(at + 2);
            events.AddRange(c.Events);
        }

        return ([.. events.OrderBy(e => e.TimestampNs)], records);
    }
}
