namespace CrossLayer.Actors.Requests;

/// <summary>A request record on the clock of kernel events.</summary>
/// <param name="Record">The record.</param>
/// <param name="StartNs">Its start on CLOCK_MONOTONIC, in nanoseconds; null where the application gave no time.</param>
public sealed record TimedRecord(RequestRecord Record, long? StartNs)
{
    /// <summary>The wall clock was set back, its time happened more than once, and nothing tells which is meant: it has none.</summary>
    public bool StartIsInDoubt { get; init; }

    /// <summary>Its end on CLOCK_MONOTONIC, in nanoseconds.</summary>
    public long? EndNs => StartNs + Record.DurationNs;
}
