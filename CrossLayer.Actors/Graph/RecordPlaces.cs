using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// Brings stored records onto the kernel's clock. Where the wall clock was set back, a record's wall time can have been twice;
/// what cannot have been is ruled out by what the kernel saw of the record's connection, and then by the order in which the
/// records of a source were written. If more than one time is left, none is taken. What it holds of a record is where it is and when.
/// </summary>
internal sealed class RecordPlaces
{
    /// <summary>Records of one source that ended so close together may have been written in either order.</summary>
    private const long WritingNs = 100_000_000;

    private const long NoTime = long.MinValue;

    private readonly IReadOnlyList<RecordSource> _sources;
    private readonly long _toleranceNs;
    private readonly Place[] _places; // source after source
    private readonly Dictionary<int, Placed> _doubtful = []; // by their place's number

    /// <param name="sources">Records, for each source in the order in which they were written: as their requests ended.</param>
    /// <param name="clock">The recording's.</param>
    /// <param name="toleranceNs">How far a record's time may be off.</param>
    internal RecordPlaces(IReadOnlyList<RecordSource> sources, WallClock clock, long toleranceNs)
    {
        (_sources, _toleranceNs) = (sources, toleranceNs);
        _places = new Place[sources.Sum(source => source.Count)];
        var number = 0;
        for (var source = 0; source < sources.Count; source++)
            for (var i = 0; i < sources[source].Count; i++, number++)
            {
                var (startUnixNs, durationNs) = sources[source].TimeOf(i);
                IReadOnlyList<long> starts = startUnixNs is { } start && !clock.IsUnknown ? clock.MonotonicNs(start, toleranceNs) : [];
                _places[number] = new Place(Only(starts), source, i, IsInDoubt: starts.Count > 1);
                if (starts.Count > 1)
                    _doubtful.Add(number, new Placed(ConnectionOf(sources[source][i]), durationNs, starts));
            }
    }

    /// <summary>Some records can have been at more than one time: <see cref="Settle"/> is needed.</summary>
    internal bool AreInDoubt => _doubtful.Count > 0;

    /// <summary>Rules out what cannot have been.</summary>
    /// <param name="events">The whole recording.</param>
    internal void Settle(IEnumerable<KernelEvent> events)
    {
        new SightedPlaces([.. _doubtful.Values], _toleranceNs).RuleOut(events);
        foreach (var source in _doubtful.Keys.Select(number => _places[number].Source).ToHashSet())
            RuleOutByOrder(TimedOf(source));
        foreach (var (number, placed) in _doubtful)
            _places[number] = _places[number] with { StartNs = Only(placed.StartsNs), IsInDoubt = placed.StartsNs.Count > 1 };
    }

    /// <summary>The records in order of their start, those without a time first; each is fetched when its turn comes.</summary>
    /// <param name="clock">How far the recording's clock is ahead of the graph's, on which they are told; no time on it comes before an earlier one.</param>
    internal IEnumerable<TimedRecord> InOrder(PeerClock clock)
    {
        // Of equal starts, in the order of their sources and of writing.
        Array.Sort(_places);
        return _places.Select(place => new TimedRecord(_sources[place.Source][place.Index], place.StartNs == NoTime ? null : clock.ToOurs(place.StartNs))
        {
            StartIsInDoubt = place.IsInDoubt,
        });
    }

    private static long Only(IReadOnlyList<long> startsNs) => startsNs is [var start] ? start : NoTime;

    private static ConnectionKey? ConnectionOf(RequestRecord record) =>
        record is { Local: { } local, Peer: { } peer } ? ConnectionKey.Of(local, peer) : null;

    /// <summary>The records of a source that can have been at some time, in the order of writing.</summary>
    private List<Placed> TimedOf(int source)
    {
        var timed = new List<Placed>();
        for (var number = 0; number < _places.Length; number++)
            if (_doubtful.TryGetValue(number, out var placed) && _places[number].Source == source)
                timed.Add(placed);
            else if (_places[number] is { StartNs: not NoTime } place && place.Source == source)
                timed.Add(new Placed(null, _sources[source].TimeOf(place.Index).DurationNs, [place.StartNs]));
        return timed;
    }

    /// <summary>
    /// Keeps the times that are part of some reading of the source in which requests end in the order of writing. A source
    /// without such a reading is in another order, which tells nothing.
    /// </summary>
    private static void RuleOutByOrder(List<Placed> timed)
    {
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

    /// <summary>Where a record is, and when it began.</summary>
    private readonly record struct Place(long StartNs, int Source, int Index, bool IsInDoubt) : IComparable<Place>
    {
        public int CompareTo(Place other)
        {
            if (StartNs != other.StartNs)
                return StartNs < other.StartNs ? -1 : 1;
            var bySource = Source.CompareTo(other.Source);
            return bySource != 0 ? bySource : Index.CompareTo(other.Index);
        }
    }

    /// <summary>A record on a connection, null if it names none, and the times at which it can have begun, latest first.</summary>
    internal sealed class Placed(ConnectionKey? connection, long durationNs, IReadOnlyList<long> startsNs)
    {
        internal ConnectionKey? Connection => connection;

        internal IReadOnlyList<long> StartsNs { get; private set; } = startsNs;

        internal long EndOf(long startNs) => startNs + durationNs;

        internal IEnumerable<long> Ends() => StartsNs.Select(EndOf);

        /// <summary>Rules out all other times, unless nothing would be left.</summary>
        internal void Keep(Func<long, bool> possible)
        {
            if (StartsNs.Count > 1 && StartsNs.Where(possible).ToList() is { Count: > 0 } kept)
                StartsNs = kept;
        }
    }
}
