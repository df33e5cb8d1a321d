using System.Threading.Channels;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Probe;

/// <summary>A running probe, as the pipeline sees it.</summary>
public interface IKernelProbe : IAsyncDisposable
{
    /// <summary>How each kind of event is seen.</summary>
    IReadOnlyList<HookStatus> Hooks { get; }

    /// <summary>What this kernel calls the reasons of drops and resets.</summary>
    ReasonNames Reasons { get; }

    /// <summary>Monotonic time against wall time, sampled once a second.</summary>
    ClockHistory Clock { get; }

    /// <summary>
    /// The batches, in order, beginning with a <see cref="KernelEventType.Missing"/> event for each type that a verdict
    /// needs and the hooks do not tell of. Completes after <see cref="StopAsync"/>, faults if reading fails. One reader.
    /// </summary>
    ChannelReader<KernelEventBatch> Batches { get; }

    /// <summary>Events made, read and lost so far.</summary>
    ProbeCounters Counters { get; }

    /// <summary>Detaches, reads what is left and completes <see cref="Batches"/>, which must be read until then.</summary>
    Task StopAsync();
}
