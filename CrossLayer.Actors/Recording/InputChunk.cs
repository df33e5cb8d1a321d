using System.Buffers;
using Akka.Actor;
using CrossLayer.Actors.Graph;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Recording;

/// <summary>Inputs gathered for one row, kernel events copied into a pooled array. Owned by one thread at a time.</summary>
internal sealed class InputChunk : INoSerializationVerificationNeeded
{
    private const int FullEvents = 2048;
    private const int FullRecords = 1024;
    private const int FullInputs = 4096;

    private readonly List<(int Events, long WatermarkNs)> _inputs = [];
    private readonly List<RecordInput> _records = [];
    private KernelEvent[] _events = [];

    /// <param name="firstOrdinal">The number of the first input.</param>
    /// <param name="watermarkNs">The watermark before it; null before there was one.</param>
    public InputChunk(long firstOrdinal, long? watermarkNs) => (FirstOrdinal, WatermarkBeforeNs, WatermarkNs) = (firstOrdinal, watermarkNs, watermarkNs);

    /// <summary>The number of the first input.</summary>
    public long FirstOrdinal { get; }

    /// <summary>The number of the input after the last.</summary>
    public long EndOrdinal => FirstOrdinal + _inputs.Count;

    /// <summary>The watermark before the first input.</summary>
    public long? WatermarkBeforeNs { get; }

    /// <summary>The watermark after the last input.</summary>
    public long? WatermarkNs { get; private set; }

    /// <summary>Kernel events.</summary>
    public int EventCount { get; private set; }

    /// <summary>Request records.</summary>
    public int RecordCount { get; private set; }

    /// <summary>It holds as much as one row takes.</summary>
    public bool IsFull => EventCount >= FullEvents || RecordCount >= FullRecords || _inputs.Count >= FullInputs;

    /// <summary>There is nothing in it.</summary>
    public bool IsEmpty => _inputs.Count == 0;

    /// <summary>The clock of the pipeline, where it is known.</summary>
    public ClockHistory? Clock { get; set; }

    /// <summary>What the kernel calls its reasons, where it is known.</summary>
    public ReasonNames? Reasons { get; set; }

    /// <summary>Nothing more comes.</summary>
    public bool IsLast { get; set; }

    /// <summary>What went by before it.</summary>
    public List<RecordingGap> Gaps { get; } = [];

    /// <summary>The chunk as a gap, where it is not written.</summary>
    public RecordingGap AsGap(string reason) => new(FirstOrdinal, EndOrdinal, WatermarkBeforeNs, EventCount, RecordCount, reason);

    /// <summary>Adds kernel events; copies them.</summary>
    public void Add(KernelEventBatch batch)
    {
        if (EventCount + batch.Count > _events.Length)
            Grow(EventCount + batch.Count);
        batch.Events.CopyTo(_events.AsSpan(EventCount));
        EventCount += batch.Count;
        WatermarkNs = batch.WatermarkNs;
        _inputs.Add((batch.Count, batch.WatermarkNs));
    }

    /// <summary>Adds request records, which nobody changes any more.</summary>
    public void Add(RecordInput input)
    {
        RecordCount += input.Records.Count;
        _records.Add(input);
        _inputs.Add((-1, 0));
    }

    /// <summary>The stored form, without clock and reasons.</summary>
    public Wire.InputBatch Encode() => InputBatchMapping.ToWire(FirstOrdinal, _inputs, _events.AsSpan(0, EventCount), _records);

    /// <summary>Returns the array to the pool.</summary>
    public void Release()
    {
        if (_events.Length > 0)
            ArrayPool<KernelEvent>.Shared.Return(_events);
        _events = [];
    }

    private void Grow(int least)
    {
        var larger = ArrayPool<KernelEvent>.Shared.Rent(Math.Max(least, Math.Max(256, _events.Length * 2)));
        _events.AsSpan(0, EventCount).CopyTo(larger);
        Release();
        _events = larger;
    }
}
