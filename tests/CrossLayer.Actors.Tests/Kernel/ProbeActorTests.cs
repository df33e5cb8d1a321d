using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Kernel;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Actors.Tests.Kernel;

public class ProbeActorTests : TestKit
{
    private static readonly Config VirtualTime = """akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """;

    private readonly Channel<KernelEventBatch> _output = Channel.CreateBounded<KernelEventBatch>(4);

    public ProbeActorTests() : base(VirtualTime)
    {
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public async Task Batches_pass_in_order_and_stopping_passes_the_last_ones_on_before_it_answers()
    {
        var probe = new FakeProbe();
        var actor = Start(() => probe);
        probe.Write(1);
        probe.LastOnStop = 2;

        actor.Tell(new StopProbe(), TestActor);

        var status = await ExpectMsgAsync<ProbeStatus>();
        Assert.Null(status.Unavailable);
        var watermarks = new List<long>();
        await foreach (var batch in _output.Reader.ReadAllAsync())
            watermarks.Add(batch.WatermarkNs);
        Assert.Equal([1L, 2L], watermarks);
    }

    [Fact]
    public async Task Without_a_probe_the_reason_is_told_and_the_gap_is_marked_as_time_goes_on()
    {
        var before = KernelClock.MonotonicNs();
        var actor = Start(() => throw new ProbeUnavailableException("no BTF here"));
        var outage = (await StatusOf(actor)).Outage!;
        Assert.Equal(("no BTF here", 1), (outage.Reason, outage.Attempts));
        Assert.InRange(outage.SinceNs, before, KernelClock.MonotonicNs());

        Scheduler.Advance(TimeSpan.FromMilliseconds(50));
        using var first = await _output.Reader.ReadAsync();
        Scheduler.Advance(TimeSpan.FromMilliseconds(50));
        using var second = await _output.Reader.ReadAsync();

        Assert.Equal((KernelEventType.Lost, (ulong)outage.SinceNs), (first.Events[0].Type, first.Events[0].SinceNs));
        Assert.Equal(first.Events[0].TimestampNs, second.Events[0].SinceNs);
        Assert.Equal((long)second.Events[0].TimestampNs, second.WatermarkNs);
    }

    [Fact]
    public async Task A_probe_that_is_not_to_be_had_is_tried_again_after_waits_that_double_up_to_a_minute()
    {
        var attempts = 0;
        var actor = Start(() => throw new ProbeUnavailableException($"no, for the {++attempts}. time"));

        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            var known = (await StatusOf(actor)).Outage!;
            await Advance(actor, TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(known, (await StatusOf(actor)).Outage);
            await Advance(actor, TimeSpan.FromMilliseconds(1));
            Assert.Equal(known with { Reason = $"no, for the {known.Attempts + 1}. time", Attempts = known.Attempts + 1 }, (await StatusOf(actor)).Outage);
        }
    }

    [Fact]
    public async Task Any_failure_to_start_leaves_the_pipeline_up()
    {
        var actor = Start(() => throw new InvalidOperationException("a surprise"));

        Assert.Equal("a surprise", (await StatusOf(actor)).Unavailable);
    }

    [Fact]
    public async Task A_probe_that_comes_later_ends_the_gap_which_is_marked_for_its_whole_time()
    {
        var output = Channel.CreateUnbounded<KernelEventBatch>();
        var probe = new FakeProbe();
        var attempts = 0;
        var actor = Sys.ActorOf(ProbeActor.Props(() => attempts++ == 0 ? throw new ProbeUnavailableException("no BTF here") : probe, output.Writer, new ProbeSettings()));
        var outage = (await StatusOf(actor)).Outage!;
        var clock = (await StatusOf(actor)).Clock;
        await Advance(actor, TimeSpan.FromMilliseconds(120));
        var before = KernelClock.MonotonicNs();
        await Advance(actor, TimeSpan.FromSeconds(1));
        var after = KernelClock.MonotonicNs();

        probe.Write(long.MaxValue);
        actor.Tell(new StopProbe(), TestActor);
        var status = await ExpectMsgAsync<ProbeStatus>();

        Assert.Null(status.Outage);
        Assert.Same(clock, status.Clock);
        var (coverage, watermark) = (Coverage.None, long.MinValue);
        await foreach (var batch in output.Reader.ReadAllAsync())
        {
            Assert.True(batch.WatermarkNs >= watermark);
            watermark = batch.WatermarkNs;
            foreach (var e in batch.Events)
                coverage = coverage.With(new LossInterval((long)e.SinceNs, (long)e.TimestampNs, e.LostEvents));
            batch.Dispose();
        }

        var loss = Assert.Single(coverage.Losses);
        Assert.Equal(outage.SinceNs, loss.StartNs);
        Assert.InRange(loss.EndNs, before, after);
        Assert.Equal(long.MaxValue, watermark);
    }

    [Fact]
    public async Task A_pump_that_dies_makes_the_evidence_unavailable_from_what_it_had_reached_on()
    {
        var probe = new FakeProbe();
        var actor = Start(() => probe);
        await StatusOf(actor);
        var reached = KernelClock.MonotonicNs() + 1_000;
        probe.Write(reached);
        (await _output.Reader.ReadAsync()).Dispose();

        probe.Fail(new ProbeException("the ring is gone"));

        var outage = await OutageOf(actor);
        Assert.Contains("the ring is gone", outage.Reason, StringComparison.Ordinal);
        Assert.Equal((reached, 0), (outage.SinceNs, outage.Attempts));
        Scheduler.Advance(TimeSpan.FromMilliseconds(50));
        using var gap = await _output.Reader.ReadAsync();
        Assert.Equal((KernelEventType.Lost, (ulong)reached), (gap.Events[0].Type, gap.Events[0].SinceNs));
    }

    [Fact]
    public async Task A_probe_that_ends_by_itself_is_a_dead_one()
    {
        var probe = new FakeProbe();
        var actor = Start(() => probe);

        probe.End();

        Assert.Equal("the probe ended by itself", (await OutageOf(actor)).Reason);
    }

    [Fact]
    public async Task A_dead_probe_is_gone_before_the_next_is_tried_and_the_counters_only_grow()
    {
        var dead = new FakeProbe { Counters = new ProbeCounters(10, 6, 3, 2), Disposing = new TaskCompletionSource() };
        var probes = new Queue<FakeProbe>([dead, new FakeProbe { Counters = new ProbeCounters(5, 5, 0) }]);
        var actor = Start(probes.Dequeue);
        dead.Fail(new ProbeException("the ring is gone"));
        await OutageOf(actor);

        await Advance(actor, TimeSpan.FromMinutes(5));
        Assert.Single(probes);
        Assert.Equal(new ProbeCounters(10, 6, 3, 2), (await StatusOf(actor)).Counters);

        dead.Disposing.SetResult();
        // Made and not read by anyone: lost.
        await AwaitAssertAsync(async () => Assert.Equal(new ProbeCounters(10, 6, 4, 2), (await StatusOf(actor)).Counters));
        Assert.Single(probes);
        await Advance(actor, TimeSpan.FromSeconds(1));

        Assert.Empty(probes);
        var status = await StatusOf(actor);
        Assert.Null(status.Outage);
        Assert.Equal(new ProbeCounters(15, 11, 4, 2), status.Counters);
        var marked = 0u;
        while (_output.Reader.TryRead(out var batch))
            marked += batch.Events.ToArray().Aggregate(0u, (sum, e) => sum + e.LostEvents);
        Assert.Equal(1u, marked);
    }

    [Fact]
    public async Task Probes_that_die_at_once_are_tried_less_and_less_often_until_one_has_lived_for_a_minute()
    {
        var probes = new List<FakeProbe>();
        var output = Channel.CreateUnbounded<KernelEventBatch>();
        var actor = Sys.ActorOf(ProbeActor.Props(
            () =>
            {
                probes.Add(new FakeProbe());
                return probes[^1];
            },
            output.Writer,
            new ProbeSettings()));
        await DieAndReturnAfter(1);
        await DieAndReturnAfter(2);
        await DieAndReturnAfter(4);
        await Advance(actor, TimeSpan.FromSeconds(60));
        await DieAndReturnAfter(1);

        async Task DieAndReturnAfter(int seconds)
        {
            await StatusOf(actor);
            var dead = probes[^1];
            dead.Fail(new ProbeException("the ring is gone"));
            await dead.Gone;
            await OutageOf(actor);
            await Advance(actor, TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Same(dead, probes[^1]);
            await Advance(actor, TimeSpan.FromMilliseconds(1));
            Assert.NotSame(dead, probes[^1]);
        }
    }

    [Fact]
    public async Task Stopping_without_a_probe_answers_and_tries_no_more()
    {
        var attempts = 0;
        var actor = Start(() => throw new ProbeUnavailableException($"{++attempts}"));
        actor.Tell(new StopProbe(), TestActor);

        Assert.Equal("1", (await ExpectMsgAsync<ProbeStatus>()).Unavailable);
        await Advance(actor, TimeSpan.FromMinutes(2));
        Assert.Equal(1, attempts);
        Assert.True(_output.Reader.Completion.IsCompleted);
    }

    [Fact]
    public async Task Stopping_while_a_dead_probe_goes_waits_for_it()
    {
        var dead = new FakeProbe { Disposing = new TaskCompletionSource() };
        var actor = Start(() => dead);
        dead.Fail(new ProbeException("the ring is gone"));
        await OutageOf(actor);
        actor.Tell(new StopProbe(), TestActor);
        actor.Tell(new GetProbeStatus(), TestActor);
        await ExpectMsgAsync<ProbeStatus>();
        Assert.False(_output.Reader.Completion.IsCompleted);

        dead.Disposing.SetResult();

        Assert.NotNull((await ExpectMsgAsync<ProbeStatus>()).Outage);
    }

    [Fact]
    public async Task Loss_is_reported_once()
    {
        var probe = new FakeProbe { Counters = new ProbeCounters(10, 7, 3) };
        await EventFilter.Warning(contains: "3 kernel events lost").ExpectAsync(1, async () =>
        {
            var actor = Start(() => probe);
            await StatusOf(actor);
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await StatusOf(actor);
            Scheduler.Advance(TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public async Task A_change_is_for_the_probe_there_is_and_for_those_to_come()
    {
        var (first, second) = (new FakeProbe(), new FakeProbe());
        var probes = new Queue<FakeProbe>([first, second]);
        var actor = Start(probes.Dequeue);
        var change = new ChangeProbe(new ProbeFilter { Ports = [8080] }, ProbeMode.Summary);
        actor.Tell(change);
        await StatusOf(actor);
        Assert.Equal([(change.Filter, change.Mode)], first.Changes);

        first.End();
        await first.Gone;
        await AwaitAssertAsync(async () =>
        {
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await StatusOf(actor);
            Assert.Equal([(change.Filter, change.Mode)], second.Changes);
        });
    }

    [Fact]
    public async Task A_change_that_cannot_be_made_is_said_and_changes_nothing()
    {
        var probe = new FakeProbe { Refusal = "no room" };
        await EventFilter.Error(contains: "the probe goes on as it was: no room").ExpectAsync(1, async () =>
        {
            var actor = Start(() => probe);
            actor.Tell(new ChangeProbe(ProbeFilter.None, ProbeMode.Full));
            Assert.Null((await StatusOf(actor)).Outage);
        });
    }

    [Fact]
    public async Task Summaries_are_told_of_when_they_begin_and_when_they_end()
    {
        var probe = new FakeProbe { Summarises = true };
        var actor = Start(() => probe);
        await EventFilter.Warning(contains: "in summaries from now on").ExpectAsync(1, async () =>
        {
            Assert.True((await StatusOf(actor)).Summarises);
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await StatusOf(actor);
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            await StatusOf(actor);
        });
        await EventFilter.Info(contains: "each call again").ExpectAsync(1, async () =>
        {
            probe.Summarises = false;
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            Assert.False((await StatusOf(actor)).Summarises);
        });
    }

    private IActorRef Start(Func<IKernelProbe> start) => Sys.ActorOf(ProbeActor.Props(start, _output.Writer, new ProbeSettings()));

    private static Task<ProbeStatus> StatusOf(IActorRef actor) => actor.Ask<ProbeStatus>(new GetProbeStatus(), TimeSpan.FromSeconds(10));

    private async Task<ProbeOutage> OutageOf(IActorRef actor)
    {
        ProbeOutage? outage = null;
        await AwaitAssertAsync(async () => Assert.NotNull(outage = (await StatusOf(actor)).Outage));
        return outage!;
    }

    /// <summary>Lets time pass, and the actor work off what it brings: a timer that is set on the way counts from then.</summary>
    private async Task Advance(IActorRef actor, TimeSpan time)
    {
        await StatusOf(actor);
        Scheduler.Advance(time);
        await StatusOf(actor);
    }

    private sealed class FakeProbe : IKernelProbe
    {
        private readonly Channel<KernelEventBatch> _batches = Channel.CreateUnbounded<KernelEventBatch>();

        private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long? LastOnStop { get; set; }

        public TaskCompletionSource? Disposing { get; init; }

        public Task Gone => _gone.Task;

        public IReadOnlyList<HookStatus> Hooks => [];

        public ReasonNames Reasons => ReasonNames.None;

        public ClockHistory Clock { get; } = new(new ClockOffset(0, 0, 0));

        public ChannelReader<KernelEventBatch> Batches => _batches.Reader;

        public ProbeCounters Counters { get; init; }

        public void Write(long watermarkNs) => _batches.Writer.TryWrite(new KernelEventBatch([], watermarkNs));

        public void Fail(Exception failure) => _batches.Writer.Complete(failure);

        public void End() => _batches.Writer.Complete();

        public bool Summarises { get; set; }

        public string? Refusal { get; init; }

        public List<(ProbeFilter Filter, ProbeMode Mode)> Changes { get; } = [];

        public void Change(ProbeFilter filter, ProbeMode mode)
        {
            if (Refusal is not null)
                throw new ProbeException(Refusal);
            Changes.Add((filter, mode));
        }

        public Task StopAsync()
        {
            if (LastOnStop is { } last)
                Write(last);
            _batches.Writer.TryComplete();
            return Task.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            _batches.Writer.TryComplete();
            if (Disposing is not null)
                await Disposing.Task;
            _gone.TrySetResult();
        }
    }
}
