namespace CrossLayer.Probe.Clock;

/// <summary>Both clocks at one moment.</summary>
/// <param name="MonotonicNs">CLOCK_MONOTONIC.</param>
/// <param name="UnixNs">CLOCK_REALTIME, nanoseconds since the Unix epoch.</param>
/// <param name="ErrorNs">How far the two readings may lie apart.</param>
public readonly record struct ClockOffset(long MonotonicNs, long UnixNs, long ErrorNs)
{
    /// <summary>To be added to a monotonic time for the wall time.</summary>
    public long OffsetNs => UnixNs - MonotonicNs;
}
