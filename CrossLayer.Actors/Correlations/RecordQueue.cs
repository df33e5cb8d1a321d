using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>The records of one tuple that wait for their request, in order of their end.</summary>
internal sealed class RecordQueue(int limit, long latenessNs)
{
    private const int MostSharing = 1024;

    private readonly List<WaitingRecord> _waiting = [];
    private long _clientReportsNs = long.MaxValue;
    private long _serverReportsNs = long.MaxValue;
    private readonly Queue<(RequestRole Role, long StartNs, long EndNs)> _sharing = [];
    private long _longestNs;

    internal IReadOnlyList<WaitingRecord> All => _waiting;

    /// <summary>Some of them share their connection with others (HTTP/2).</summary>
    internal int Sharing { get; private set; }

    /// <summary>Those whose time is in doubt: what is not reported may be theirs.</summary>
    internal int InDoubt { get; private set; }

    /// <summary>Those that tell no time: they may be anybody's on their connection.</summary>
    internal int Untimed { get; private set; }

    internal long Rejected { get; private set; }

    internal long Late { get; private set; }

    /// <summary>Null if there is no room for it.</summary>
    internal WaitingRecord? Add(TimedRecord record, long watermarkNs)
    {
        var end = record.EndNs ?? long.MinValue;
        if (record.Record.Role == RequestRole.Server)
            _serverReportsNs = Math.Min(_serverReportsNs, end);
        else
            _clientReportsNs = Math.Min(_clientReportsNs, end);
        if (_waiting.Count >= limit)
        {
            Rejected++;
            return null;
        }

        var waiting = new WaitingRecord(record) { IsLate = record.EndNs is { } ended && watermarkNs != long.MaxValue && ended + latenessNs < watermarkNs };
        Late += waiting.IsLate ? 1 : 0;
        InDoubt += record.StartIsInDoubt ? 1 : 0;
        Untimed += IsUntimed(record) ? 1 : 0;
        NoteSharing(record);
        _longestNs = Math.Max(_waiting.Count == 0 ? 0 : _longestNs, record.EndNs - record.StartNs ?? 0);
        var at = _waiting.BinarySearch(waiting, WaitingRecord.ByTime);
        _waiting.Insert(at < 0 ? ~at : at, waiting);
        return waiting;
    }

    /// <summary>How many requests of its role were on the connection in a record's time, itself included.</summary>
    internal int SharingWith(WaitingRecord waiting) => _sharing.Count(other => other.Role == waiting.Record.Record.Role
        && other.StartNs <= waiting.Record.EndNs && other.EndNs >= waiting.Record.StartNs);

    private void NoteSharing(TimedRecord record)
    {
        if (!record.Record.SharesConnection)
            return;
        Sharing++;
        _sharing.Enqueue((record.Record.Role, record.StartNs ?? long.MinValue, record.EndNs ?? long.MaxValue));
        if (_sharing.Count > MostSharing)
            _sharing.Dequeue();
    }

    internal void Remove(WaitingRecord waiting)
    {
        waiting.IsTaken = true;
        InDoubt -= waiting.Record.StartIsInDoubt ? 1 : 0;
        Untimed -= IsUntimed(waiting.Record) ? 1 : 0;
        Sharing -= waiting.Record.Record.SharesConnection ? 1 : 0;
        var at = _waiting.BinarySearch(waiting, WaitingRecord.ByTime);
        while (at >= 0 && at < _waiting.Count && _waiting[at] != waiting)
            at++;
        if (at >= 0 && at < _waiting.Count)
            _waiting.RemoveAt(at);
        else
            _waiting.Remove(waiting);
    }

    /// <summary>
    /// Those that lie in a span of time and are sure to be here by now: what ended later than a lateness ago may not all
    /// have come. Those without a time, or whose time is in doubt, lie nowhere.
    /// </summary>
    internal List<WaitingRecord> Within(long startNs, long endNs, long nowNs)
    {
        var knownNs = nowNs == long.MaxValue ? long.MaxValue : nowNs - latenessNs;
        List<WaitingRecord> within = [];
        for (var i = FirstFrom(startNs); i < _waiting.Count; i++)
        {
            var waiting = _waiting[i];
            if (waiting.OrderNs > knownNs || waiting.OrderNs - _longestNs > endNs)
                break;
            if (waiting.Record.StartNs <= endNs)
                within.Add(waiting);
        }

        return within;
    }

    /// <summary>Those that tell no time. Their order means nothing.</summary>
    internal IEnumerable<WaitingRecord> WithoutTime()
    {
        for (var i = 0; Untimed > 0 && i < _waiting.Count && _waiting[i].Record.EndNs is null; i++)
            if (IsUntimed(_waiting[i].Record))
                yield return _waiting[i];
    }

    private static bool IsUntimed(TimedRecord record) => record is { EndNs: null, StartIsInDoubt: false, Record.SharesConnection: false };

    /// <summary>When the first request of the tuple had ended that one side reported; <see cref="long.MaxValue"/> if none.</summary>
    internal long ReportsSinceNs(RequestRole role) => role == RequestRole.Server ? _serverReportsNs : _clientReportsNs;

    private int FirstFrom(long endNs)
    {
        var (low, high) = (0, _waiting.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_waiting[middle].OrderNs < endNs)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}

/// <summary>A record that waits.</summary>
internal sealed class WaitingRecord(TimedRecord record) : IScheduled
{
    internal static IComparer<WaitingRecord> ByTime { get; } = Comparer<WaitingRecord>.Create(Compare);

    internal TimedRecord Record => record;

    /// <summary>Its end, by which the records are in order; those without a time are before all others.</summary>
    internal long OrderNs { get; } = record.EndNs ?? long.MinValue;

    /// <summary>It came later than the lateness allows: its request may have been decided without it.</summary>
    internal bool IsLate { get; init; }

    /// <summary>It has its request, or stands alone.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>The most requests at one time that it fitted equally well.</summary>
    internal int Contenders { get; set; }

    /// <summary>It tells no time: how many requests that it fitted were let go.</summary>
    internal int LetGo { get; set; }

    /// <summary>When it is looked at for the last time, unless a request that it may belong to goes on.</summary>
    internal long AgainNs { get; set; }

    /// <inheritdoc/>
    public long ScheduledNs { get; set; } = long.MaxValue;

    /// <summary>By end; where the clock was too coarse to tell, by place on the connection; then by name, so that equal input gives equal output.</summary>
    private static int Compare(WaitingRecord? one, WaitingRecord? other)
    {
        var byEnd = one!.OrderNs.CompareTo(other!.OrderNs);
        if (byEnd != 0)
            return byEnd;
        var (a, b) = (one.Record, other.Record);
        var byOrdinal = Nullable.Compare(a.Record.ConnectionRequest, b.Record.ConnectionRequest);
        if (byOrdinal != 0)
            return byOrdinal;
        var byId = a.Record.RequestId.CompareTo(b.Record.RequestId);
        return byId != 0 ? byId : a.Record.Role.CompareTo(b.Record.Role);
    }
}

/// <summary>A record and how it came to its request.</summary>
internal sealed record MatchedRecord(TimedRecord Record, Match Match);

/// <summary>The sides of a request.</summary>
[Flags]
public enum Roles
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>The side that sends requests.</summary>
    Client = 1,

    /// <summary>The side that answers.</summary>
    Server = 2,
}
