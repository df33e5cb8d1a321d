using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Tests.Graph;
using CrossLayer.Probe;
using Microsoft.Data.Sqlite;
using System.Globalization;
using Stored = CrossLayer.Actors.Recording.Wire;

namespace CrossLayer.Actors.Tests.Recording;

/// <summary>What is missing from a recording is counted, named, and makes what it touches inconclusive.</summary>
public sealed class GapTests : RecordingTest
{
    private static readonly RecordingSettings InputByInput = Recording with { FlushAfter = TimeSpan.Zero, MaxPendingBatches = 10_000 };

    [Theory]
    [InlineData("message = zeroblob(length(message))", "damaged row")]
    [InlineData("message = substr(message, 1, length(message) / 2)", "damaged row")]
    [InlineData("manifest = 'RB9'", "manifest 'RB9'")]
    public async Task A_row_that_cannot_be_read_is_a_gap_that_is_named(string damage, string named)
    {
        await Record(Pair(), InputByInput);
        await Stop();
        Change($"UPDATE journal SET {damage} WHERE sequence_number = 4 AND persistence_id LIKE '%-recording'");

        var (summary, correlations) = await ReplayLast();

        Assert.Equal((1, 1), (summary.Gaps, summary.UnreadableRows));
        Assert.Contains(named, Assert.Single(summary.Reasons), StringComparison.Ordinal);
        Assert.StartsWith("row 4 is ", summary.Reasons[0], StringComparison.Ordinal);
        Assert.Equal([Verdict.Inconclusive, Verdict.Healthy], correlations.OrderBy(c => c.RequestId).Select(c => c.Finding.Verdict));
        Assert.True(summary.IsEnded);
    }

    [Fact]
    public async Task A_row_that_is_not_there_is_a_gap()
    {
        await Record(Pair(), InputByInput);
        await Stop();
        Change("DELETE FROM journal WHERE sequence_number = 4 AND persistence_id LIKE '%-recording'");

        var (summary, correlations) = await ReplayLast();

        Assert.Equal((1, 0), (summary.Gaps, summary.UnreadableRows));
        Assert.Equal([Verdict.Inconclusive, Verdict.Healthy], correlations.OrderBy(c => c.RequestId).Select(c => c.Finding.Verdict));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task A_missing_row_is_a_loss_of_kernel_events_over_its_time(int seed)
    {
        var input = Input(seed);
        var missing = new Random(seed).Next(1, input.FindLastIndex(one => one is KernelInput));
        var expected = await Direct(WithLossFor(Copy(input).ToList(), missing));
        await Record(input, InputByInput);
        await Stop();
        // The head of the recording is row 1.
        Change(string.Create(CultureInfo.InvariantCulture, $"UPDATE journal SET manifest = 'RB9' WHERE sequence_number = {missing + 2}"));

        var (summary, correlations) = await ReplayLast();

        Assert.Equal(1, summary.Gaps);
        Assert.Equal(expected.Select(Batches.Text), correlations.Select(Batches.Text));
        Assert.Equal(VerdictHash.Of(expected), VerdictHash.Of(correlations));
    }

    [Fact]
    public void A_row_that_is_there_twice_is_taken_once()
    {
        var batch = InputBatchMapping.ToWire(0, [(0, 5)], [], []);
        var input = new ReplayInput();

        Assert.Single(input.Apply(1, batch));
        Assert.Empty(input.Apply(2, batch));
        Assert.Equal(0, input.Gaps);
    }

    [Fact]
    public void A_gap_that_is_told_of_reaches_from_the_watermark_before_it_to_the_first_batch_behind_it()
    {
        var input = new ReplayInput();
        input.Apply(1, InputBatchMapping.ToWire(0, [(0, 100)], [], []));
        Assert.Empty(input.Apply(2, new Stored.Gap { FirstOrdinal = 1, EndOrdinal = 3, Events = 7, Reason = "the disk was full" }));

        var behind = Assert.IsType<KernelInput>(Assert.Single(input.Apply(3, InputBatchMapping.ToWire(3, [(0, 300)], [], []))));

        Assert.Equal((KernelEventType.Lost, 100UL, 300UL), (behind.Batch.Events[0].Type, behind.Batch.Events[0].SinceNs, behind.Batch.Events[0].TimestampNs));
        Assert.Equal("7 kernel events and 0 records went by unrecorded: the disk was full", Assert.Single(input.Reasons));
        Assert.Equal(1, input.Gaps);
    }

    private static List<PipelineInput> WithLossFor(List<PipelineInput> input, int missing)
    {
        var since = input.Take(missing).OfType<KernelInput>().Last().Batch.WatermarkNs;
        var behind = input.FindIndex(missing + 1, one => one is KernelInput);
        var batch = ((KernelInput)input[behind]).Batch;
        var until = batch.Events.ToArray().Select(e => (long)e.TimestampNs).Append(batch.WatermarkNs).Max();
        var lost = new KernelEvent { Type = KernelEventType.Lost, SinceNs = (ulong)since, TimestampNs = (ulong)until };
        input[behind] = new KernelInput(new KernelEventBatch([lost, .. batch.Events], batch.WatermarkNs));
        input.RemoveAt(missing);
        return input;
    }

    /// <summary>Two requests a minute apart; row 4 holds the middle of the first.</summary>
    private static List<PipelineInput> Pair()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);
        var second = new Conversation(clientPort: 50_000).Open(60_010, 60_009).Exchange(60_020);
        var half = c.Events.Count / 2;
        return
        [
            Kernel(c.Events[..2], 12), Kernel(c.Events[2..half], 14), Kernel(c.Events[half..], 40), new RecordInput([c.ClientRecord(1, 19, 6)]),
            Kernel([], 30_000), Kernel(second.Events, 60_050), new RecordInput([second.ClientRecord(2, 60_019, 6)]), Kernel([], 90_000),
        ];
    }

    private static KernelInput Kernel(IEnumerable<KernelEvent> events, long watermarkMs) => new(new KernelEventBatch([.. events], watermarkMs * 1_000_000));

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Settings.FullPath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
