using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// The offline driver: lays stored kernel events and records out as the live ones came, so that the graph gives the same
/// correlations. The clock is the events' own: each carries both its times. All of its history is read before the first record is
/// placed, since a clock that is set back gives a new meaning to times that were there before.
/// </summary>
public static class OfflineInput
{
    private const int BatchEvents = 1024;

    /// <summary>The graph's input, produced as it is read.</summary>
    /// <param name="events">Kernel events as they were recorded, each with its time in nanoseconds since the Unix epoch, 0 if unknown. Enumerated
    /// from the start two or three times: for the clock, for records whose time happened twice if there are any, and for the graph.</param>
    /// <param name="sources">Records, for each source in the order in which they were written. A source in another order is taken as well.</param>
    /// <param name="settings">How far events may be out of order, and how far a record's time may be off.</param>
    public static IEnumerable<PipelineInput> Lay(IEnumerable<(KernelEvent Event, long UnixNs)> events,
        IReadOnlyCollection<IReadOnlyCollection<RequestRecord>> sources, CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(settings);
        return Laid(events, sources, settings);
    }

    /// <summary>The graph's input where all records are of one source.</summary>
    /// <inheritdoc cref="Lay(IEnumerable{ValueTuple{KernelEvent, long}}, IReadOnlyCollection{IReadOnlyCollection{RequestRecord}}, CorrelationSettings)"/>
    public static IEnumerable<PipelineInput> Lay(IEnumerable<(KernelEvent Event, long UnixNs)> events, IReadOnlyCollection<RequestRecord> records,
        CorrelationSettings settings) => Lay(events, [records], settings);

    private static IEnumerable<PipelineInput> Laid(IEnumerable<(KernelEvent Event, long UnixNs)> events,
        IReadOnlyCollection<IReadOnlyCollection<RequestRecord>> sources, CorrelationSettings settings)
    {
        var records = Place(events, sources, (long)settings.ClockTolerance.TotalNanoseconds);
        var disorderNs = (long)settings.Disorder.TotalNanoseconds;
        var newest = long.MinValue;
        foreach (var part in events.Chunk(BatchEvents))
        {
            newest = Math.Max(newest, part.Max(x => (long)x.Event.TimestampNs));
            // Whatever began by now goes first: its window cannot have closed.
            if (TakeUntil(records, newest) is { Count: > 0 } begun)
                yield return new RecordInput(begun);
            yield return new KernelInput(new KernelEventBatch([.. part.Select(x => x.Event)], newest - disorderNs));
        }

        if (TakeUntil(records, long.MaxValue) is { Count: > 0 } rest)
            yield return new RecordInput(rest);
    }

    private static Queue<TimedRecord> Place(IEnumerable<(KernelEvent Event, long UnixNs)> events,
        IEnumerable<IReadOnlyCollection<RequestRecord>> sources, long toleranceNs)
    {
        var clock = new WallClock();
        foreach (var (e, unixNs) in events)
            if (unixNs != 0)
                clock.Add((long)e.TimestampNs, unixNs);
        var places = new RecordPlaces(sources, clock, toleranceNs);
        if (places.AreInDoubt)
            places.Settle(events.Select(x => x.Event));
        return places.InOrder();
    }

    private static List<TimedRecord> TakeUntil(Queue<TimedRecord> records, long startNs)
    {
        var taken = new List<TimedRecord>();
        while (records.TryPeek(out var record) && (record.StartNs ?? long.MinValue) <= startNs)
            taken.Add(records.Dequeue());
        return taken;
    }
}
