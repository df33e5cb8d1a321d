using System.Threading.Channels;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
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
        var actor = Sys.ActorOf(ProbeActor.Props(() => probe, _output.Writer));
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
        var actor = Sys.ActorOf(ProbeActor.Props(() => throw new ProbeUnavailableException("no BTF here"), _output.Writer));
        actor.Tell(new GetProbeStatus(), TestActor);
        Assert.Equal("no BTF here", (await ExpectMsgAsync<ProbeStatus>()).Unavailable);

        Scheduler.Advance(TimeSpan.FromMilliseconds(50));
        using var first = await _output.Reader.ReadAsync();
        Scheduler.Advance(TimeSpan.FromMilliseconds(50));
        using var second = await _output.Reader.ReadAsync();

        Assert.Equal(KernelEventType.Lost, first.Events[0].Type);
        Assert.Equal(first.Events[0].TimestampNs, second.Events[0].SinceNs);
        Assert.Equal((long)second.Events[0].TimestampNs, second.WatermarkNs);
    }

    [Fact]
    public async Task A_pump_that_dies_makes_the_evidence_unavailable_and_not_silent()
    {
        var probe = new FakeProbe();
        var actor = Sys.ActorOf(ProbeActor.Props(() => probe, _output.Writer));

        probe.Fail(new ProbeException("the ring is gone"));

        await AwaitAssertAsync(async () =>
        {
            actor.Tell(new GetProbeStatus(), TestActor);
            Assert.Contains("the ring is gone", (await ExpectMsgAsync<ProbeStatus>()).Unavailable, StringComparison.Ordinal);
        });
        Scheduler.Advance(TimeSpan.FromMilliseconds(50));
        using var gap = await _output.Reader.ReadAsync();
        Assert.Equal(KernelEventType.Lost, gap.Events[0].Type);
    }

    [Fact]
    public async Task Loss_is_reported_once()
    {
        var probe = new FakeProbe { Counters = new ProbeCounters(10, 7, 3) };
        await EventFilter.Warning(contains: "3 kernel events lost").ExpectAsync(1, async () =>
        {
            var actor = Sys.ActorOf(ProbeActor.Props(() => probe, _output.Writer));
            actor.Tell(new GetProbeStatus(), TestActor);
            await ExpectMsgAsync<ProbeStatus>();
            Scheduler.Advance(TimeSpan.FromSeconds(1));
            actor.Tell(new GetProbeStatus(), TestActor);
            await ExpectMsgAsync<ProbeStatus>();
            Scheduler.Advance(TimeSpan.FromSeconds(1));
        });
    }

    private sealed class FakeProbe : IKernelProbe
    {
        private readonly Channel<KernelEventBatch> _batches = Channel.CreateUnbounded<KernelEventBatch>();

        public long? LastOnStop { get; set; }

        public IReadOnlyList<HookStatus> Hooks => [];

        public ClockHistory Clock { get; } = new(new ClockOffset(0, 0, 0));

        public ChannelReader<KernelEventBatch> Batches => _batches.Reader;

        public ProbeCounters Counters { get; init; }

        public void Write(long watermarkNs) => _batches.Writer.TryWrite(new KernelEventBatch([], watermarkNs));

        public void Fail(Exception failure) => _batches.Writer.Complete(failure);

        public Task StopAsync()
        {
            if (LastOnStop is { } last)
                Write(last);
            _batches.Writer.TryComplete();
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            _batches.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }
}
