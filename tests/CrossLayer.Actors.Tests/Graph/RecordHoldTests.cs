using System.Threading.Channels;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Graph;

public sealed class RecordHoldTests
{
    private const long Ms = 1_000_000;

    private readonly Channel<RecordInput> _reported = Channel.CreateUnbounded<RecordInput>();
    private readonly RecordRoom _room = new(10);
    private readonly RecordHold _hold;

    public RecordHoldTests() => _hold = new RecordHold(_reported.Reader, _room);

    [Fact]
    public async Task Records_wait_for_the_kernels_events_and_go_before_those_that_pass_their_end_in_order_of_it()
    {
        Report(100, Record(1, startMs: 30, latencyMs: 10), Record(2, startMs: 20, latencyMs: 10));

        Assert.Equal(["events to 29"], await ApplyAsync(Events(29)));
        Assert.Equal(2, _room.Waiting);
        Assert.Equal(["records 2", "events to 35"], await ApplyAsync(Events(35)));
        Assert.Equal(1, _room.Waiting);
        Assert.Equal(["records 1", "events to 300"], await ApplyAsync(Events(300)));
        Assert.Equal(0, _room.Waiting);
    }

    [Fact]
    public async Task All_that_was_reported_goes_before_events_that_are_later()
    {
        // As after the journal was away: a report each 10 ms, and all events of 100 ms in one batch.
        for (var i = 0; i < 10; i++)
            Report((10 * i) + 9, Record(i, startMs: 10 * i, latencyMs: 5));

        Assert.Equal(["records 0 1 2 3 4 5 6 7 8 9", "events to 100"], await ApplyAsync(Events(100)));
    }

    [Fact]
    public async Task A_record_without_a_time_or_with_one_to_come_waits_until_the_events_reach_its_report()
    {
        Report(50, Record(1, startMs: null, latencyMs: 5), Record(2, startMs: 900_000, latencyMs: 5));

        Assert.Equal(["events to 49"], await ApplyAsync(Events(49)));
        Assert.Equal(["records 1 2", "events to 50"], await ApplyAsync(Events(50)));
    }

    [Fact]
    public async Task The_end_of_events_waits_for_the_last_reports()
    {
        Report(50, Record(1, startMs: 40, latencyMs: 5));

        var ending = ApplyAsync(new EndOfInput());
        Assert.False(ending.IsCompleted);
        Report(60, Record(2, startMs: 41, latencyMs: 5));
        _reported.Writer.Complete();

        Assert.Equal(["records 1 2", "end"], await ending);
    }

    [Fact]
    public async Task That_no_more_are_taken_is_said_once_and_at_once()
    {
        Assert.True(_reported.Writer.TryWrite(new RecordInput([]) { EndNs = 50 * Ms }));

        Assert.Equal(["records until 50", "events to 20"], await ApplyAsync(Events(20)));
        Assert.Equal(["events to 60"], await ApplyAsync(Events(60)));
    }

    private void Report(long atMs, params TimedRecord[] records)
    {
        Assert.Equal(records.Length, _room.Enter(records.Length));
        Assert.True(_reported.Writer.TryWrite(new RecordInput(records) { ReportedNs = atMs * Ms }));
    }

    private async Task<string[]> ApplyAsync(PipelineInput input) => [.. (await _hold.ApplyAsync(input)).Select(Text)];

    private static string Text(PipelineInput input) => input switch
    {
        RecordInput { EndNs: < long.MaxValue and var end } => $"records until {end / Ms}",
        RecordInput { Records: var records } => $"records {string.Join(' ', records.Select(record => record.Record.RequestId.Text))}",
        KernelInput { Batch: var batch } => $"events to {batch.WatermarkNs / Ms}",
        _ => "end",
    };

    private static KernelInput Events(long watermarkMs) => new(new KernelEventBatch([], watermarkMs * Ms));

    private static TimedRecord Record(long id, long? startMs, double latencyMs) => new(
        new RequestRecord { RequestId = RequestId.From(id), LatencyMs = latencyMs, Result = RequestResult.Success }, startMs * Ms);
}
