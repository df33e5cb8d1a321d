using CrossLayer.Actors.Requests;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// The offline driver: lays stored kernel events and records out as the live ones came, so that the graph gives the same
/// correlations. The clock is the events' own: each carries both its times.
/// </summary>
public static class OfflineInput
{
    private const int BatchEvents = 1024;

    /// <summary>The graph's input, produced as it is read.</summary>
    /// <param name="events">Kernel events as they were recorded, each with its time in nanoseconds since the Unix epoch; 0 if unknown.</param>
    /// <param name="records">Request records, in any order.</param>
    /// <param name="disorder">How far events may be out of order.</param>
    public static IEnumerable<PipelineInput> Lay(
        IEnumerable<(KernelEvent Event, long UnixNs)> events, IReadOnlyCollection<RequestRecord> records, TimeSpan disorder)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(records);
        return Lay(events, new Queue<RequestRecord>(records.OrderBy(record => record.StartUnixNs ?? long.MinValue)),
            (long)disorder.TotalNanoseconds);
    }

    private static IEnumerable<PipelineInput> Lay(
        IEnumerable<(KernelEvent Event, long UnixNs)> events, Queue<RequestRecord> records, long disorderNs)
    {
        ClockHistory? clock = null;
        var newest = long.MinValue;
        foreach (var part in events.Chunk(BatchEvents))
        {
            foreach (var (e, unixNs) in part)
            {
                newest = Math.Max(newest, (long)e.TimestampNs);
                if (unixNs == 0)
                    continue;
                var offset = new ClockOffset((long)e.TimestampNs, unixNs, 0);
                if (clock is null)
                    clock = new ClockHistory(offset);
                else
                    clock.Add(offset);
            }

            // Whatever began by now goes first: its window cannot have closed.
            if (clock is not null && TakeUntil(records, clock.ToUnixNs(newest), clock) is { Count: > 0 } begun)
                yield return new RecordInput(begun);
            yield return new KernelInput(new KernelEventBatch([.. part.Select(x => x.Event)], newest - disorderNs));
        }

        if (TakeUntil(records, long.MaxValue, clock) is { Count: > 0 } rest)
            yield return new RecordInput(rest);
    }

    private static List<TimedRecord> TakeUntil(Queue<RequestRecord> records, long unixNs, ClockHistory? clock)
    {
        var taken = new List<TimedRecord>();
        while (records.TryPeek(out var record) && (record.StartUnixNs ?? long.MinValue) <= unixNs)
        {
            records.Dequeue();
            taken.Add(new TimedRecord(record, record.StartUnixNs is { } start && clock is not null ? clock.ToMonotonicNs(start) : null));
        }

        return taken;
    }
}
