using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Graph;

/// <summary>A client that gives up reports the request when it closes its socket, however long it has waited before.</summary>
public class ClosedUnansweredTests : TestKit
{
    [Theory]
    [InlineData(1000)]
    [InlineData(1400)]
    [InlineData(2000)]
    [InlineData(5000)]
    public async Task A_request_that_is_given_up_has_the_record_that_says_so(double timeoutMs)
    {
        var c = new Conversation().Open(1001, 1000).ClientSends(1002, 100).ClientCloses(1000 + timeoutMs);
        var record = c.ClientRecord(1, 1000, timeoutMs, RequestResult.Timeout);
        var later = new Conversation(clientPort: 50000).Open(20_000, 19_999);

        var correlation = Assert.Single(await Run([.. c.Events, .. later.Events], record));

        Assert.Equal((Verdict.Discrepant, Cause.ProcessStall), (correlation.Finding.Verdict, correlation.Finding.Cause));
        Assert.Equal((long)Conversation.Ns(1000 + timeoutMs), correlation.ClientExchange?.LastNs);
    }

    [Fact]
    public async Task A_request_that_was_over_when_its_connection_was_closed_ended_before()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Close(400);

        var correlation = Assert.Single(await Run(c.Events, c.ClientRecord(1, 19, 6)));

        Assert.Equal((Verdict.Healthy, 24_000_000), (correlation.Finding.Verdict, correlation.ClientExchange?.LastNs));
    }

    /// <summary>An event at a time, each with the time up to which all is known; the record comes when the application has it.</summary>
    private async Task<IReadOnlyList<Correlation>> Run(IReadOnlyList<KernelEvent> events, TimedRecord record)
    {
        var input = events.Select(e => new TimedInput((long)e.TimestampNs, new KernelInput(new KernelEventBatch([e], (long)e.TimestampNs))))
            .Append(new TimedInput(record.EndNs!.Value, new RecordInput([record]))).OrderBy(x => x.AtNs).Select(x => x.Input);
        var shards = Enumerable.Range(0, PlainPipeline.Settings.Shards).Select(_ => Sys.ActorOf(ShardActor.Props(PlainPipeline.Settings))).ToList();
        var batches = await CorrelationGraph.Create(Source.From(input), shards, PlainPipeline.Settings)
            .RunWith(Sink.Seq<CorrelationBatch>(), Sys.Materializer());
        return [.. batches.SelectMany(batch => batch.Correlations)];
    }

    private sealed record TimedInput(long AtNs, PipelineInput Input);
}
