using CrossLayer.Host.Experiments;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Tests;

namespace CrossLayer.Host.Tests.Experiments;

public sealed class EventRecorderTests
{
    private const ulong Netns = 7;

    [Fact]
    public async Task What_happened_before_it_is_taken_is_waited_for()
    {
        var probe = new FakeProbe();
        await using var recorder = new EventRecorder(probe, new HashSet<ulong> { Netns });
        var happened = KernelClock.MonotonicNs();

        var taking = recorder.TakeAsync(CancellationToken.None);
        probe.Write(new KernelEventBatch([], happened));
        probe.Write(new KernelEventBatch([Sent(happened)], happened + 1));
        probe.Write(new KernelEventBatch([Sent(happened + 2)], long.MaxValue));

        Assert.Equal([happened, happened + 2], (await taking).Select(dated => (long)dated.Event.TimestampNs));
        Assert.Empty(await recorder.TakeAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Nothing_more_is_waited_for_once_the_probe_has_stopped()
    {
        var probe = new FakeProbe();
        await using var recorder = new EventRecorder(probe, new HashSet<ulong> { Netns });
        probe.Write(new KernelEventBatch([Sent(1)], 2));
        await probe.StopAsync();

        Assert.Single(await recorder.TakeAsync(CancellationToken.None));
    }

    private static KernelEvent Sent(long timeNs) => new() { Type = KernelEventType.Send, TimestampNs = (ulong)timeNs, NetnsCookie = Netns };
}
