using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Host.Files;

/// <summary>
/// A kernel event with what only the recording machine can tell of it: the wall time that its monotonic time stood for,
/// and what its kernel calls the event's reason.
/// </summary>
internal struct DatedKernelEvent
{
    /// <summary>The event.</summary>
    public KernelEvent Event;

    /// <summary>Nanoseconds since the Unix epoch; 0 where it is not known.</summary>
    public long UnixNs;

    /// <summary>The name of <see cref="KernelEvent.Reason"/>; null where it has none. One string for each name, not for each event.</summary>
    public string? ReasonName;

    /// <summary>Dates an event by the clock that it was recorded with, and names its reason.</summary>
    public static DatedKernelEvent Date(in KernelEvent e, ClockHistory clock, ReasonNames reasons) =>
        new() { Event = e, UnixNs = clock.ToUnixNs((long)e.TimestampNs), ReasonName = reasons.Of(in e) };
}
