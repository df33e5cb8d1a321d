using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Tests.Graph;

namespace CrossLayer.Actors.Tests.Recording;

public sealed class ReplayTests : RecordingTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task What_is_recorded_and_replayed_gives_what_the_input_gave_directly(int seed)
    {
        var input = Input(seed);
        var expected = await Direct(input);

        // Rows of every length: from one input each to one for all.
        var status = await Record(input, Recording with { FlushAfter = TimeSpan.FromTicks(seed % 2 == 0 ? 0 : TimeSpan.TicksPerMinute), MaxPendingBatches = 10_000 });
        var (summary, correlations) = await ReplayLast();

        Assert.NotEmpty(expected);
        Assert.Equal(expected.Select(Batches.Text), correlations.Select(Batches.Text));
        Assert.Equal(VerdictHash.Of(expected), VerdictHash.Of(correlations));
        Assert.Equal((0, 0, true, false), (summary.Gaps, summary.UnreadableRows, summary.IsEnded, summary.IsStoppedEarly));
        Assert.Equal((status.Events, status.Records), (summary.Events, summary.Records));
        Assert.Equal((0, 0), (status.Gaps, status.Pending));
        Assert.Equal(input.OfType<RecordInput>().Sum(one => one.Records.Count), summary.Records);
    }

    [Fact]
    public async Task Other_settings_give_what_they_would_have_given()
    {
        var input = Input(9);
        await Record(input);

        var (_, correlations) = await ReplayLast(settings: Correlation with { Slow = TimeSpan.FromMilliseconds(1), Shards = 3 });

        Assert.Contains(correlations, c => c.Finding.Cause == Cause.SlowHandler);
        Assert.NotEqual(VerdictHash.Of(await Direct(input)), VerdictHash.Of(correlations));
    }

    [Fact]
    public async Task The_number_of_shards_changes_no_hash()
    {
        var input = Input(10);
        await Record(input);

        var (_, correlations) = await ReplayLast(settings: Correlation with { Shards = 7 });

        Assert.Equal(VerdictHash.Of(await Direct(input)), VerdictHash.Of(correlations));
    }

    [Fact]
    public async Task Sessions_are_told_apart_and_say_what_they_hold()
    {
        var first = await Record(Input(1));
        await Stop();
        var second = await Record(Input(2));

        var sessions = await Sessions();

        Assert.Equal([first.Session, second.Session], sessions.Select(session => session.Id));
        Assert.Equal([first.Events, second.Events], sessions.Select(session => session.Events));
        Assert.Equal([first.Records, second.Records], sessions.Select(session => session.Records));
        Assert.All(sessions, session => Assert.NotNull(session.EndedUnixNs));
        Assert.Equal(sessions[1].Offset, sessions[0].NextOffset);
        Assert.Equal(Correlation, sessions[0].SettingsWith(Akka.Configuration.Config.Empty) with
        {
            SlowRoutes = Correlation.SlowRoutes,
            ExpectedSlowRoutes = Correlation.ExpectedSlowRoutes,
        });
    }
}
