using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// Brings stored records onto the kernel's clock. Where the wall clock was set back, a record's wall time can have been twice;
/// what cannot have been is ruled out by what the kernel saw of the record's connection, and then by the order in which the
/// records of a source were written. If more than one time is left, none is taken.
/// </summary>
internal sealed class RecordPlaces
{
    /// <summary>Records of one source that ended so close together may have been written in either order.</summary>
    private const long WritingNs = 100_000_000;

    private readonly long _toleranceNs;
    private readonly List<List<Placed>> _sources = [];
    private readonly List<Placed> _doubtful = [];

    /// <param name="sources">Records, for each source in the order in which they were written: as their requests ended.</param>
    /// <param name="clock">The recording's.</param>
    /// <param name="toleranceNs">How far a record's time may be off.</param>
    internal RecordPlaces(IEnumerable<IReadOnlyCollection<RequestRecord>> sources, WallClock clock, long toleranceNs)
    {
        _toleranceNs = toleranceNs;
        foreach (var source in sources)
        {
            _sources.Add([.. source.Select(record => new Placed(record,
                record.StartUnixNs is { } start && !clock.IsUnknown ? clock.MonotonicNs(start, toleranceNs) : []))]);
            _doubtful.AddRange(_sources[^1].Where(placed => placed.StartsNs.Count > 1));
        }
    }

    /// <summary>Some records can have been at more than one time: <see cref="Settle"/> is needed.</summary>
    internal bool AreInDoubt => _doubtful.Count > 0;

    /// <summary>Rules out what cannot have been.</summary>
    /// <param name="events">The whole recording.</param>
    internal void Settle(IEnumerable<KernelEvent> events)
    {
        new SightedPlaces(_doubtful, _toleranceNs).RuleOut(events);
        foreach (var source in _sources)
            RuleOutByOrder(source);
    }

    /// <summary>The records in order of their start; those without a time first.</summary>
    internal Queue<TimedRecord> InOrder() => new(_sources.SelectMany(source => source)
        .Select(placed => new TimedRecord(placed.Record, placed.StartsNs is [var start] ? start : null) { StartIsInDoubt = placed.StartsNs.Count > 1 })
        .OrderBy(record => record.StartNs ?? long.MinValue));

    /// <summary>
    /// Keeps the times that are part of some reading of the source in which requests end in the order of writing. A source
    /// without such a reading is in another order, which tells nothing.
    /// </summary>
    private static void RuleOutByOrder(List<Placed> source)
    {
        var timed = source.FindAll(placed => placed.StartsNs.Count > 0);
        if (!timed.Exists(placed => placed.StartsNs.Count > 1))
            return;
        var earliest = new long[timed.Count]; // The earliest that the newest end so far can be, before each record
        var latest = new long[timed.Count];
        var bound = long.MinValue;
        for (var i = 0; i < timed.Count; i++)
        {
            earliest[i] = bound;
            if (timed[i].Ends().Where(end => end >= bound).Select(end => (long?)end).Min() is not { } first)
                return;
            bound = Math.Max(bound, first - WritingNs);
        }

        bound = long.MaxValue;
        for (var i = timed.Count - 1; i >= 0; i--)
        {
            latest[i] = bound;
            if (timed[i].Ends().Where(end => end <= bound).Select(end => (long?)end).Max() is not { } last)
                return;
            bound = Math.Min(bound, last + WritingNs);
        }

        for (var i = 0; i < timed.Count; i++)
            timed[i].Keep(start => timed[i].EndOf(start) is var end && end >= earliest[i] && end <= latest[i]);
    }

    /// <summary>A record and the times at which it can have begun, latest first; none if it does not tell.</summary>
    internal sealed class Placed(RequestRecord record, IReadOnlyList<long> startsNs)
    {
        internal RequestRecord Record => record;

        internal IReadOnlyList<long> StartsNs { get; private set; } = startsNs;

        internal long EndOf(long startNs) => startNs + (long)(record.LatencyMs * 1e6);

        internal IEnumerable<long> Ends() => StartsNs.Select(EndOf);

        /// <summary>Rules out all other times, unless nothing would be left.</summary>
        internal void Keep(Func<long, bool> possible)
        {
            if (StartsNs.Count > 1 && StartsNs.Where(possible).ToList() is { Count: > 0 } kept)
                StartsNs = kept;
        }
    }
}
