using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// Holds records back until the kernel's events have come as far as they. Where events are behind, as they are after the journal
/// was away, records that ran ahead would fill the room of each connection, and be placed among requests that are not theirs.
/// Plain state, no clock.
/// </summary>
internal sealed class RecordHold
{
    // Of equal times, the one that came first.
    private readonly PriorityQueue<TimedRecord, (long TimeNs, long Number)> _held = new();
    private long _watermarkNs = long.MinValue;
    private long _number;

    /// <summary>What goes on to the graph once this has come.</summary>
    internal IEnumerable<PipelineInput> Apply(PipelineInput input)
    {
        switch (input)
        {
            case RecordInput { Records: var records, ReportedNs: var reportedNs }:
                foreach (var record in records)
                    _held.Enqueue(record, (Math.Min(record.EndNs ?? long.MaxValue, reportedNs), _number++));
                break;
            case KernelInput { Batch: var batch }:
                _watermarkNs = Math.Max(_watermarkNs, batch.WatermarkNs);
                break;
            case EndOfInput:
                _watermarkNs = long.MaxValue;
                break;
            default:
                throw new ArgumentException($"unknown input {input}", nameof(input));
        }

        if (TakeDue() is { Count: > 0 } due)
            yield return new RecordInput(due);
        if (input is not RecordInput)
            yield return input;
    }

    private List<TimedRecord> TakeDue()
    {
        var due = new List<TimedRecord>();
        while (_held.TryPeek(out _, out var at) && at.TimeNs <= _watermarkNs)
            due.Add(_held.Dequeue());
        return due;
    }
}
