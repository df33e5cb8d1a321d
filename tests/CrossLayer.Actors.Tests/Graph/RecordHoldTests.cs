using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Graph;

public sealed class RecordHoldTests
{
    private const long Ms = 1_000_000;

    private readonly RecordHold _hold = new();

    [Fact]
    public void Records_wait_for_the_kernels_events_and_go_before_those_that_pass_their_end_in_order_of_it()
    {
        Assert.Equal(["events to 10"], Apply(Events(10)));
        Assert.Empty(Apply(Reported(100, Record(1, startMs: 30, latencyMs: 10), Record(2, startMs: 20, latencyMs: 10))));

        Assert.Equal(["events to 29"], Apply(Events(29)));
        Assert.Equal(["records 2", "events to 35"], Apply(Events(35)));
        Assert.Equal(["records 1", "events to 300"], Apply(Events(300)));
        // Events have come further: nothing is waited for.
        Assert.Equal(["records 3"], Apply(Reported(310, Record(3, startMs: 240, latencyMs: 60))));
    }

    [Fact]
    public void A_record_without_a_time_or_with_one_to_come_waits_until_the_events_reach_its_report()
    {
        Assert.Equal(["events to 10"], Apply(Events(10)));
        Assert.Empty(Apply(Reported(50, Record(1, startMs: null, latencyMs: 5), Record(2, startMs: 900_000, latencyMs: 5))));

        Assert.Equal(["events to 49"], Apply(Events(49)));
        Assert.Equal(["records 1 2", "events to 50"], Apply(Events(50)));
    }

    [Fact]
    public void What_is_held_at_the_end_goes_on_then()
    {
        Assert.Empty(Apply(Reported(50, Record(1, startMs: 40, latencyMs: 5))));

        Assert.Equal(["records 1", "end"], Apply(new EndOfInput()));
    }

    private string[] Apply(PipelineInput input) => [.. _hold.Apply(input).Select(Text)];

    private static string Text(PipelineInput input) => input switch
    {
        RecordInput { Records: var records } => $"records {string.Join(' ', records.Select(record => record.Record.RequestId.Text))}",
        KernelInput { Batch: var batch } => $"events to {batch.WatermarkNs / Ms}",
        _ => "end",
    };

    private static KernelInput Events(long watermarkMs) => new(new KernelEventBatch([], watermarkMs * Ms));

    private static RecordInput Reported(long atMs, params TimedRecord[] records) => new(records) { ReportedNs = atMs * Ms };

    private static TimedRecord Record(long id, long? startMs, double latencyMs) => new(
        new RequestRecord { RequestId = RequestId.From(id), LatencyMs = latencyMs, Result = RequestResult.Success }, startMs * Ms);
}
