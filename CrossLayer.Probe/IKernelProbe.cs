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

    /// <summary>Exchanges are told of in summaries now (<see cref="StreamFlags.Summarised"/>).</summary>
    bool Summarises { get; }

    /// <summary>
    /// Changes what is watched and how it is told, without a gap in the rest. What is under way then is incomplete: a
    /// <see cref="KernelEventType.Lost"/> event marks the moment, of no events in number.
    /// </summary>
    /// <exception cref="ProbeException">There is no room for so much, or the hooks cannot do it; nothing has changed.</exception>
    void Change(ProbeFilter filter, ProbeMode mode);

    /// <summary>Detaches, reads what is left and completes <see cref="Batches"/>, which must be read until then.</summary>
    Task StopAsync();
}
