using System.Buffers;

namespace CrossLayer.Probe;

/// <summary>
/// Kernel events in a pooled array. Whoever takes the batch out of the pipe returns it with <see cref="Dispose"/>,
/// once; the events are not valid after that.
/// </summary>
public sealed class KernelEventBatch : IDisposable
{
    private KernelEvent[]? _events;

    /// <summary>A batch with room for <paramref name="capacity"/> events.</summary>
    public KernelEventBatch(int capacity) => _events = capacity == 0 ? [] : ArrayPool<KernelEvent>.Shared.Rent(capacity);

    /// <summary>A batch of copies, for sources other than the ring.</summary>
    public KernelEventBatch(ReadOnlySpan<KernelEvent> events, long watermarkNs) : this(events.Length)
    {
        events.CopyTo(_events);
        Count = events.Length;
        WatermarkNs = watermarkNs;
    }

    /// <summary>How many events it holds.</summary>
    public int Count { get; internal set; }

    /// <summary>
    /// Every kernel event older than this (CLOCK_MONOTONIC nanoseconds) is in this batch or in one before it, but for
    /// the few that were held up on their way into the ring.
    /// </summary>
    public long WatermarkNs { get; internal set; }

    /// <summary>The events, in the order of the ring: nearly that of time.</summary>
    /// <exception cref="ObjectDisposedException">The batch was returned.</exception>
    public ReadOnlySpan<KernelEvent> Events
    {
        get
        {
            ObjectDisposedException.ThrowIf(_events is null, this);
            return _events.AsSpan(0, Count);
        }
    }

    /// <summary>The free rest of the array.</summary>
    internal Span<KernelEvent> Free => _events.AsSpan(Count);

    /// <summary>
    /// Its events in a batch of their own, with no more room than they need: what waits in the pipe then takes as much memory as it holds.
    /// This one is empty afterwards, to be filled again.
    /// </summary>
    internal KernelEventBatch TakeOut()
    {
        var taken = new KernelEventBatch(Events, WatermarkNs);
        Count = 0;
        return taken;
    }

    /// <summary>Returns the array to the pool.</summary>
    public void Dispose()
    {
        if (_events is { Length: > 0 } events)
            ArrayPool<KernelEvent>.Shared.Return(events);
        _events = null;
    }
}
