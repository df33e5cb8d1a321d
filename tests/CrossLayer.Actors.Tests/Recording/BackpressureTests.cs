using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Recording;

namespace CrossLayer.Actors.Tests.Recording;

/// <summary>A disk that takes nothing for a while.</summary>
public sealed class BackpressureTests : RecordingTest
{
    [Fact]
    public async Task Input_that_finds_no_room_passes_unrecorded_is_counted_and_stands_in_the_recording_as_a_gap()
    {
        var system = Start();
        var session = RecordingSession.Begin(Settings, Correlation);
        var settings = Recording with { FlushAfter = TimeSpan.Zero, MaxPendingBatches = 2, WaitAtMost = TimeSpan.FromMilliseconds(20) };
        var open = new TaskCompletionSource();
        var recorder = InputRecorder.Start(system, settings, session.Id, TimeProvider.System,
            (part, totals) => Props.Create(() => new HeldUp(open.Task, Props.Create(() => new RecordingWriter(session, settings, part, totals, TimeProvider.System)))),
            () => Task.FromResult<IReadOnlyList<PartOnDisk>>([]));
        var input = Input(3);
        var passed = 0;

        await recorder.Tap(Source.From(Copy(input).ToList())).RunForeach(one =>
        {
            // Two rows wait, and all else goes by; before the end the disk is back.
            if (++passed == input.Count - 1)
                open.SetResult();
            Return(one);
        }, system.Materializer()).WaitAsync(TimeSpan.FromSeconds(30));
        var status = recorder.Status;
        var (summary, _) = await ReplayLast();

        Assert.Equal(input.Count, passed);
        Assert.InRange(status.LostInputs, 1, input.Count - 2);
        Assert.Equal((1, 0), (summary.Gaps, summary.UnreadableRows));
        Assert.Contains("went by unrecorded: 2 rows waited for the disk", summary.Reasons[0], StringComparison.Ordinal);
        Assert.True(summary.IsEnded);
        Assert.Equal(status.LostInputs, (await Sessions())[0].LostInputs);
    }

    /// <summary>Stands before the writer, and lets nothing through until it is told.</summary>
    private sealed class HeldUp : ReceiveActor, IWithUnboundedStash
    {
        private readonly IActorRef _writer;

        public HeldUp(Task open, Props writer)
        {
            _writer = Context.ActorOf(writer);
            open.PipeTo(Self, success: () => "open");
            Receive<string>(_ =>
            {
                Become(Open);
                Stash.UnstashAll();
            });
            ReceiveAny(_ => Stash.Stash());
        }

        public IStash Stash { get; set; } = null!;

        private void Open() => ReceiveAny(message =>
        {
            if (Sender.Equals(_writer))
                Context.Parent.Tell(message);
            else
                _writer.Tell(message);
        });
    }
}
