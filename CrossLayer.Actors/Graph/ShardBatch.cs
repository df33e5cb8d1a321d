using System.Buffers;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>A shard's share of a batch: kernel events in order of time, in a pooled array, and request records.</summary>
public sealed class ShardBatch : IDisposable
{
    private KernelEvent[] _events = [];
    private List<TimedRecord>? _records;
    private int _count;

    /// <summary>Everything up to here is known: CLOCK_MONOTONIC nanoseconds.</summary>
    public long WatermarkNs { get; internal set; }

    /// <summary>What the kernel's evidence covers.</summary>
    public Coverage Coverage { get; internal set; } = Coverage.None;

    /// <summary>The events; not valid after <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<KernelEvent> Events => _events.AsSpan(0, _count);

    /// <summary>The records.</summary>
    public IReadOnlyList<TimedRecord> Records => _records ?? (IReadOnlyList<TimedRecord>)[];

    /// <summary>Returns the array to the pool.</summary>
    public void Dispose()
    {
        if (_events.Length > 0)
            ArrayPool<KernelEvent>.Shared.Return(_events);
        (_events, _count) = ([], 0);
    }

    internal void Add(in KernelEvent e)
    {
        if (_count == _events.Length)
            Grow();
        _events[_count++] = e;
    }

    internal void Add(TimedRecord record) => (_records ??= []).Add(record);

    private void Grow()
    {
        var larger = ArrayPool<KernelEvent>.Shared.Rent(Math.Max(64, _count * 2));
        _events.AsSpan(0, _count).CopyTo(larger);
        if (_events.Length > 0)
            ArrayPool<KernelEvent>.Shared.Return(_events);
        _events = larger;
    }
}
