namespace CrossLayer.Probe.Ring;

/// <summary>
/// Up to which time everything was read. An event has its time from when it has its place in the ring; it may be read much later, for
/// whoever writes it can be interrupted, and holds up what lies behind it.
/// </summary>
/// <param name="disorderNs">By how much times may differ in order from places.</param>
internal struct Watermark(long disorderNs)
{
    /// <summary>The time, CLOCK_MONOTONIC nanoseconds; never less than it was.</summary>
    internal long Ns { get; private set; } = long.MinValue;

    /// <summary>After a read.</summary>
    /// <param name="checkedNs">A time before the read; what happened later may still turn out to have been missed.</param>
    /// <param name="isRead">All that had a place in the ring at that time was read.</param>
    /// <param name="newestNs">When the last event was told that was read; null if none was.</param>
    internal void Advance(long checkedNs, bool isRead, long? newestNs)
    {
        if (isRead || newestNs is not null)
            Ns = Math.Max(Ns, (isRead ? checkedNs : Math.Min(checkedNs, newestNs!.Value)) - disorderNs);
    }
}
