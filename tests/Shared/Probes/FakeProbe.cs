using System.Threading.Channels;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Tests;

/// <summary>A probe that sees what a test tells it.</summary>
internal sealed class FakeProbe : IKernelProbe
{
    private readonly Channel<KernelEventBatch> _batches = Channel.CreateUnbounded<KernelEventBatch>();

    public IReadOnlyList<HookStatus> Hooks => [];

    public ReasonNames Reasons { get; } = ReasonNames.From([new(5, "NETFILTER_DROP")], [new(2, "NOT_SPECIFIED")]);

    public ClockHistory Clock { get; } = new(new ClockOffset(0, 0, 0));

    public ChannelReader<KernelEventBatch> Batches => _batches.Reader;

    public ProbeCounters Counters => default;

    public void Write(KernelEventBatch batch) => Assert.True(_batches.Writer.TryWrite(batch));

    public bool Summarises => false;

    public List<(ProbeFilter Filter, ProbeMode Mode)> Changes { get; } = [];

    public void Change(ProbeFilter filter, ProbeMode mode) => Changes.Add((filter, mode));

    public Task StopAsync()
    {
        _batches.Writer.TryComplete();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => new(StopAsync());
}
