using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>What enters the correlation graph.</summary>
public abstract record PipelineInput;

/// <summary>Kernel events; the graph returns the batch to its pool.</summary>
public sealed record KernelInput(KernelEventBatch Batch) : PipelineInput;

/// <summary>Request records.</summary>
public sealed record RecordInput(IReadOnlyList<TimedRecord> Records) : PipelineInput
{
    /// <summary>When they were reported, CLOCK_MONOTONIC nanoseconds: what they tell of was over by then, whatever their sender's clock says.</summary>
    public long ReportedNs { get; init; } = long.MinValue;

    /// <summary>From when on no more are sure to be taken, since the program ends, CLOCK_MONOTONIC nanoseconds; <see cref="long.MaxValue"/>: they are.</summary>
    public long EndNs { get; init; } = long.MaxValue;
}

/// <summary>Nothing more comes: every window closes.</summary>
public sealed record EndOfInput : PipelineInput;
