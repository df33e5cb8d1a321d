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
    private const int BatchRecords = 4096;

    /// <summary>The graph's input, produced as it is read.</summary>
    /// <param name="events">Kernel events as they were recorded, each with its time in nanoseconds since the Unix epoch, 0 if unknown. Enumerated
    /// from the start two or three times: for the clock, for records whose time happened twice if there are any, and for the graph.</param>
    /// <param name="records">Records of one source, in the order in which they were written. Another order is taken as well.</param>
    /// <param name="settings">How far events may be out of order, and how far a record's time may be off.</param>
    public static IEnumerable<PipelineInput> Lay(
        IEnumerable<(KernelEvent Event, long UnixNs)> events, IReadOnlyList<RequestRecord> records, CorrelationSettings settings) =>
        Lay([new HostRecording(events, [RecordSource.Of(records)])], settings);

    /// <summary>The graph's input where several hosts recorded, each on its own clock.</summary>
    /// <param name="hosts">What they recorded; the graph's clock is that of those whose <see cref="HostRecording.Clock"/> is <see cref="PeerClock.Same"/>.</param>
    /// <param name="settings">How far events may be out of order, and how far a record's time may be off.</param>
    public static IEnumerable<PipelineInput> Lay(IReadOnlyList<HostRecording> hosts, CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentNullException.ThrowIfNull(settings);
        return Laid(hosts, settings);
    }

    private static IEnumerable<PipelineInput> Laid(IReadOnlyList<HostRecording> hosts, CorrelationSettings settings)
    {
        var toleranceNs = (long)settings.ClockTolerance.TotalNanoseconds;
        var disorderNs = (long)settings.Disorder.TotalNanoseconds;
        using var records = Merged([.. hosts.Select(host => Placed(host, toleranceNs))], StartOf).GetEnumerator();
        using var events = Merged([.. hosts.Select(host => host.Translated())], e => e.ToldNs).GetEnumerator();
        var isRecord = records.MoveNext();
        var newest = long.MinValue;
        var part = new KernelEvent[BatchEvents];
        for (var count = Fill(part, events); count > 0; count = Fill(part, events))
        {
            for (var i = 0; i < count; i++)
                newest = Math.Max(newest, part[i].ToldNs);
            // Whatever began by now goes first: its window cannot have closed.
            while (TakeUntil(newest) is { Count: > 0 } begun)
                yield return new RecordInput(begun);
            yield return new KernelInput(new KernelEventBatch(part.AsSpan(0, count), newest - disorderNs));
        }

        while (TakeUntil(long.MaxValue) is { Count: > 0 } rest)
            yield return new RecordInput(rest);

        List<TimedRecord> TakeUntil(long startNs)
        {
            var taken = new List<TimedRecord>();
            for (; isRecord && taken.Count < BatchRecords && StartOf(records.Current) <= startNs; isRecord = records.MoveNext())
                taken.Add(records.Current);
            return taken;
        }
    }

    private static int Fill(KernelEvent[] part, IEnumerator<KernelEvent> events)
    {
        var count = 0;
        while (count < part.Length && events.MoveNext())
            part[count++] = events.Current;
        return count;
    }

    private static long StartOf(TimedRecord record) => record.StartNs ?? long.MinValue;

    /// <summary>Always the earliest of those that come next, the first host's of equal ones.</summary>
    private static IEnumerable<T> Merged<T>(IReadOnlyList<IEnumerable<T>> hosts, Func<T, long> timeOf)
    {
        if (hosts is [var only])
            return only;
        return Merge();

        IEnumerable<T> Merge()
        {
            var next = new PriorityQueue<IEnumerator<T>, (long, int)>();
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

            void Take(IEnumerator<T> host, int number)
            {
                if (host.MoveNext())
                    next.Enqueue(host, (timeOf(host.Current), number));
            }
        }
    }

    private static IEnumerable<TimedRecord> Placed(HostRecording host, long toleranceNs)
    {
        var clock = new WallClock();
        foreach (var (e, unixNs) in host.Events)
            if (unixNs != 0)
                clock.Add((long)e.TimestampNs, unixNs);
        var places = new RecordPlaces(host.Sources, clock, toleranceNs);
        if (places.AreInDoubt)
            places.Settle(host.Events.Select(x => x.Event));
        return places.InOrder(host.Clock);
    }
}
