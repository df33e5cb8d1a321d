using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>The records of one tuple that wait for their request, in order of their end.</summary>
internal sealed class RecordQueue(int limit, long latenessNs)
{
    private readonly List<WaitingRecord> _waiting = [];
    private long _clientReportsNs = long.MaxValue;
    private long _serverReportsNs = long.MaxValue;

    internal IReadOnlyList<WaitingRecord> All => _waiting;

    internal long Rejected { get; private set; }

    internal long Late { get; private set; }

    internal void Add(TimedRecord record, long watermarkNs)
    {
        var end = record.EndNs ?? long.MinValue;
        if (record.Record.Role == RequestRole.Server)
            _serverReportsNs = Math.Min(_serverReportsNs, end);
        else
            _clientReportsNs = Math.Min(_clientReportsNs, end);
        if (_waiting.Count >= limit)
        {
            Rejected++;
            return;
        }

        var waiting = new WaitingRecord(record) { IsLate = record.EndNs is { } ended && watermarkNs != long.MaxValue && ended + latenessNs < watermarkNs };
        Late += waiting.IsLate ? 1 : 0;
        var at = _waiting.BinarySearch(waiting, WaitingRecord.ByTime);
        _waiting.Insert(at < 0 ? ~at : at, waiting);
    }

    internal bool Contains(WaitingRecord waiting) => _waiting.Contains(waiting);

    internal void Remove(WaitingRecord waiting) => _waiting.Remove(waiting);

    /// <summary>Those of a role that are sure to be here by now: what ended later may not all have come.</summary>
    internal IEnumerable<WaitingRecord> Of(RequestRole role, long nowNs) => _waiting.Where(waiting =>
        waiting.Record.Record.Role == role && (nowNs == long.MaxValue || waiting.Record.EndNs <= nowNs - latenessNs));

    /// <summary>Who has reported a request of the tuple that had ended a lateness ago.</summary>
    internal Roles Reporters(long nowNs) =>
        (_clientReportsNs <= nowNs - latenessNs ? Roles.Client : Roles.None) | (_serverReportsNs <= nowNs - latenessNs ? Roles.Server : Roles.None);
}

/// <summary>A record that waits.</summary>
internal sealed class WaitingRecord(TimedRecord record)
{
    internal static IComparer<WaitingRecord> ByTime { get; } = Comparer<WaitingRecord>.Create(Compare);

    internal TimedRecord Record => record;

    /// <summary>It came later than the lateness allows: its request may have been decided without it.</summary>
    internal bool IsLate { get; init; }

    /// <summary>The most requests at one time that it fitted equally well.</summary>
    internal int Contenders { get; set; }

    /// <summary>By end; where the clock was too coarse to tell, by place on the connection.</summary>
    private static int Compare(WaitingRecord? one, WaitingRecord? other)
    {
        var (a, b) = (one!.Record, other!.Record);
        var byEnd = Nullable.Compare(a.EndNs, b.EndNs);
        if (byEnd != 0)
            return byEnd;
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
