using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Host.Files;

/// <summary>A kernel event with the wall time that its monotonic time stood for when it was recorded.</summary>
internal struct DatedKernelEvent
{
    /// <summary>The event.</summary>
    public KernelEvent Event;

    /// <summary>Nanoseconds since the Unix epoch; 0 where it is not known.</summary>
    public long UnixNs;

    /// <summary>Dates an event by the clock that it was recorded with.</summary>
    public static DatedKernelEvent Date(in KernelEvent e, ClockHistory clock) =>
        new() { Event = e, UnixNs = clock.ToUnixNs((long)e.TimestampNs) };
}
