using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Requests;
using CrossLayer.Actors.Tests.Graph;
using CrossLayer.Actors.Tests.Journal;

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
    public void That_no_more_records_were_taken_is_stored()
    {
        var inputs = InputBatchMapping.ToWire(0, [(-1, 0), (-1, 0)], [], [new RecordInput([]), new RecordInput([]) { EndNs = 70 }]).FromWire();

        Assert.Equal([long.MaxValue, 70], inputs.Cast<RecordInput>().Select(input => input.EndNs));
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
        Assert.InRange(sessions[1].AfterOffset, sessions[0].AfterOffset + 1, sessions[0].NextOffset - 1);
        Assert.Equal(Correlation, sessions[0].SettingsWith(Akka.Configuration.Config.Empty) with
        {
            SlowRoutes = Correlation.SlowRoutes,
            ExpectedSlowRoutes = Correlation.ExpectedSlowRoutes,
        });
    }

    [Fact]
    public async Task Discrepancies_are_those_of_the_session_that_found_them_even_if_they_are_written_before_its_recording()
    {
        await RunThatFinds(1);
        await RunThatFinds(2, recorded: false);
        await RunThatFinds(3);

        var sessions = await Sessions();
        var stored = await Query();

        Assert.Equal(6, stored.Count);
        Assert.Equal(["1-first", "1-last", "2-first", "2-last"], Of(sessions[0]));
        Assert.Equal(["3-first", "3-last"], Of(sessions[1]));

        IEnumerable<string> Of(RecordedSession session) => stored.Where(session.HasWritten).Select(one => one.Correlation.RequestId.Text);
    }

    /// <summary>A run whose discrepancies are on the disk before the first and after the last row of its recording.</summary>
    private async Task RunThatFinds(int number, bool recorded = true)
    {
        var system = Start();
        var recorder = recorded ? InputRecorder.Start(system, Recording, Settings, Correlation) : null;
        var journal = system.StartJournal(Settings);
        await Append(journal, Samples.Discrepant(number) with { RequestId = new RequestId($"{number}-first") });
        if (recorder is not null)
            await recorder.Tap(Source.From(Copy(Input(number)).ToList())).RunForeach(Return, system.Materializer());
        await Append(journal, Samples.Discrepant(number) with { RequestId = new RequestId($"{number}-last") });
        await Stop();
    }
}
