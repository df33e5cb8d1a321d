using CrossLayer.Actors.Recording;

namespace CrossLayer.Actors.Tests.Recording;

public sealed class RetentionTests : RecordingTest
{
    private const long Day = 86_400_000_000_000;
    private static readonly PartOnDisk[] Parts = [new(1, 0, 400_000), new(10, Day, 400_000), new(20, 2 * Day, 400_000), new(30, 3 * Day, 400_000)];

    [Theory]
    [InlineData(100, 4_000_000, 0)]
    [InlineData(100, 1_200_000, 1)]
    [InlineData(100, 1_100_000, 2)]
    [InlineData(100, 1_048_576, 2)]
    [InlineData(3, 4_000_000, 0)]
    [InlineData(2, 4_000_000, 1)]
    [InlineData(1, 4_000_000, 2)]
    public void The_oldest_parts_go_by_age_and_by_size_and_the_newest_stays(int keepForDays, long keepAtMost, int expected) =>
        Assert.Equal(expected, RecordingRetention.Superfluous(Parts, 4 * Day, Recording with { KeepFor = TimeSpan.FromDays(keepForDays), KeepAtMost = keepAtMost }));

    [Fact]
    public async Task A_recording_keeps_to_its_bounds_and_what_is_left_can_be_replayed()
    {
        var bounded = Recording with { FlushAfter = TimeSpan.Zero, MaxPendingBatches = 10_000, PartSize = 2_000, KeepAtMost = 8_000 };
        var before = await Record(Input(1), bounded);
        await Stop();
        var status = await Record(Input(3), bounded);
        Assert.InRange(before.Bytes + status.Bytes, 10_000, long.MaxValue);
        // The parts of the session before are read in the background, and deleted then.
        Assert.True(SpinWait.SpinUntil(() => Sql<long>("SELECT sum(length(message)) FROM journal WHERE NOT deleted") < 10_000, TimeSpan.FromSeconds(20)));

        var session = (await Sessions())[^1];
        var (summary, _) = await ReplayLast();

        Assert.InRange(Sql<long>("SELECT min(sequence_number) FROM journal WHERE NOT deleted"), 2, long.MaxValue);
        Assert.Equal(status.Session, session.Id);
        Assert.Equal(0, summary.Gaps);
        Assert.True(summary.IsEnded);
        Assert.InRange(summary.Events, 1, status.Events);
    }
}
