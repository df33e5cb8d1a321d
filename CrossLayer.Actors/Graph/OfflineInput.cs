using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
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
        return Lay([new HostRecording(events, sources)], settings);
    }

    /// <summary>The graph's input where several hosts recorded, each on its own clock.</summary>
    /// <param name="hosts">What they recorded; the graph's clock is that of those whose <see cref="HostRecording.Clock"/> is <see cref="PeerClock.Same"/>.</param>
    /// <param name="settings">How far events may be out of order, and how far a record's time may be off.</param>
    public static IEnumerable<PipelineInput> Lay(IReadOnlyList<HostRecording> hosts, CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentNullException.ThrowIfNull(settings);
        return Laid(hosts, settings);
    }

    /// <summary>The graph's input where all records are of one source.</summary>
    /// <inheritdoc cref="Lay(IEnumerable{ValueTuple{KernelEvent, long}}, IReadOnlyCollection{IReadOnlyCollection{RequestRecord}}, CorrelationSettings)"/>
    public static IEnumerable<PipelineInput> Lay(IEnumerable<(KernelEvent Event, long UnixNs)> events, IReadOnlyCollection<RequestRecord> records,
        CorrelationSettings settings) => Lay(events, [records], settings);

    private static IEnumerable<PipelineInput> Laid(IReadOnlyList<HostRecording> hosts, CorrelationSettings settings)
    {
        var records = new Queue<TimedRecord>(hosts.SelectMany(host => Place(host, (long)settings.ClockTolerance.TotalNanoseconds))
            .OrderBy(record => record.StartNs ?? long.MinValue));
        var disorderNs = (long)settings.Disorder.TotalNanoseconds;
        var newest = long.MinValue;
        foreach (var part in Merged([.. hosts.Select(host => host.Translated())]).Chunk(BatchEvents))
        {
            newest = Math.Max(newest, part.Max(e => e.ToldNs));
            // Whatever began by now goes first: its window cannot have closed.
            if (TakeUntil(records, newest) is { Count: > 0 } begun)
                yield return new RecordInput(begun);
            yield return new KernelInput(new KernelEventBatch(part, newest - disorderNs));
        }

        if (TakeUntil(records, long.MaxValue) is { Count: > 0 } rest)
            yield return new RecordInput(rest);
    }

    /// <summary>Always the earlier one of those that come next.</summary>
    private static IEnumerable<KernelEvent> Merged(IReadOnlyList<IEnumerable<KernelEvent>> hosts)
    {
        if (hosts is [var only])
            return only;
        return Merge();

        IEnumerable<KernelEvent> Merge()
        {
            var next = new PriorityQueue<IEnumerator<KernelEvent>, (ulong, int)>();
            var all = hosts.Select(host => host.GetEnumerator()).ToList();
            try
            {
                for (var i = 0; i < all.Count; i++)
                    Take(all[i], i);
                while (next.TryDequeue(out var host, out var at))
                {
                    yield return host.Current;
                    Take(host, at.Item2);
                }
            }
            finally
            {
                all.ForEach(host => host.Dispose());
            }

            void Take(IEnumerator<KernelEvent> host, int number)
            {
                if (host.MoveNext())
                    next.Enqueue(host, ((ulong)host.Current.ToldNs, number));
            }
        }
    }

    private static IEnumerable<TimedRecord> Place(HostRecording host, long toleranceNs)
    {
        var clock = new WallClock();
        foreach (var (e, unixNs) in host.Events)
            if (unixNs != 0)
                clock.Add((long)e.TimestampNs, unixNs);
        var places = new RecordPlaces(host.Sources, clock, toleranceNs);
        if (places.AreInDoubt)
            places.Settle(host.Events.Select(x => x.Event));
        return places.InOrder().Select(record => record.StartNs is { } start ? record with { StartNs = host.Clock.ToOurs(start) } : record);
    }

    private static List<TimedRecord> TakeUntil(Queue<TimedRecord> records, long startNs)
    {
        var taken = new List<TimedRecord>();
        while (records.TryPeek(out var record) && (record.StartNs ?? long.MinValue) <= startNs)
            taken.Add(records.Dequeue());
        return taken;
    }
}
