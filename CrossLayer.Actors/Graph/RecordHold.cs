using System.Threading.Channels;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// Brings records to the kernel's events, whichever are behind: all that were reported are looked at before the next events, and
/// go on once these have come as far as they. Where records and events were taken as they come, those of one would run ahead of
/// the other's after the journal was away, and requests be decided while their record waits.
/// </summary>
/// <param name="reported">The records.</param>
/// <param name="room">They leave it as they go on.</param>
internal sealed class RecordHold(ChannelReader<RecordInput> reported, RecordRoom room)
{
    // Of equal times, the one that came first.
    private readonly PriorityQueue<TimedRecord, (long TimeNs, long Number)> _held = new();
    private long _watermarkNs = long.MinValue;
    private long _number;
    private long _endNs = long.MaxValue;

    /// <summary>What goes on to the graph with the kernel's next events; at their end, once the records have ended as well.</summary>
    internal async Task<IReadOnlyList<PipelineInput>> ApplyAsync(PipelineInput input)
    {
        switch (input)
        {
            case KernelInput { Batch: var batch }:
                while (reported.TryRead(out var records))
                    Hold(records);
                _watermarkNs = Math.Max(_watermarkNs, batch.WatermarkNs);
                break;
            case EndOfInput:
                await foreach (var records in reported.ReadAllAsync())
                    Hold(records);
                _watermarkNs = long.MaxValue;
                break;
            default:
                throw new ArgumentException($"unknown input {input}", nameof(input));
        }

        var due = TakeDue();
        room.Leave(due.Count);
        if (due.Count == 0 && _endNs == long.MaxValue)
            return [input];
        var ahead = new RecordInput(due) { EndNs = _endNs };
        _endNs = long.MaxValue; // it has been said
        return [ahead, input];
    }

    private void Hold(RecordInput records)
    {
        _endNs = Math.Min(_endNs, records.EndNs);
        foreach (var record in records.Records)
            _held.Enqueue(record, (Math.Min(record.EndNs ?? long.MaxValue, records.ReportedNs), _number++));
    }

    private List<TimedRecord> TakeDue()
    {
        var due = new List<TimedRecord>();
        while (_held.TryPeek(out _, out var at) && at.TimeNs <= _watermarkNs)
            due.Add(_held.Dequeue());
        return due;
    }
}
