using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Demo.Cluster;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Evaluation.Cluster;

/// <summary>A request by the names that both its client and the daemons have for it: the client's end of its connection, and its number.</summary>
internal readonly record struct RequestKey(Endpoint Client, long Number);

/// <summary>What a host reported of a request.</summary>
internal sealed record Reported(string Host, RequestKey Key, Verdict Verdict, Cause? Cause, bool HasFourViews, string? Reason);

/// <summary>What was asked for and what the daemons made of it, from the files in which both are written as it happens.</summary>
internal sealed class NemesisLog
{
    /// <summary>Requests from here on are the nemesis' own: their responses are never read.</summary>
    internal const long FirstUnread = 1_000_000;

    private readonly List<(string Host, LineTail Tail)> _hosts;
    private readonly List<(RequestKey Key, TimeSpan At, bool IsOrdinary)> _asked = [];
    private readonly HashSet<RequestKey> _whole = [];
    private readonly List<Reported> _reported = [];
    private readonly List<Reported> _unnamed = [];
    private LineTail? _client;

    internal NemesisLog(IEnumerable<ClusterDemoHost> hosts) =>
        _hosts = [.. hosts.Select(host => (host.Name, new LineTail(Path.Combine(host.Folder, "correlations.jsonl"))))];

    /// <summary>Requests that clients report to have made: when that was read, and whether all was well with them.</summary>
    internal IReadOnlyList<(RequestKey Key, TimeSpan At, bool IsOrdinary)> Asked => _asked;

    /// <summary>What daemons have reported.</summary>
    internal IReadOnlyList<Reported> Reports => _reported;

    /// <summary>Findings about requests that no application's record names. Each is wrong: the applications report theirs.</summary>
    internal IReadOnlyList<Reported> Unnamed => _unnamed;

    /// <summary>From now on the client's records are in this file.</summary>
    internal void Follow(string clientRecords) => _client = new LineTail(clientRecords);

    /// <summary>Takes in what has been written meanwhile.</summary>
    /// <param name="now">On a clock of the caller's.</param>
    /// <param name="slowMs">What takes longer is not ordinary.</param>
    internal void Read(TimeSpan now, double slowMs)
    {
        foreach (var record in Parse(_client?.Read() ?? [], RequestRecordJson.Kind))
            if (record.Local is { } local && long.TryParse(record.RequestId.Text, out var number))
                _asked.Add((new RequestKey(local, number), now, record.Result == RequestResult.Success && record.LatencyMs < slowMs));
        foreach (var (host, tail) in _hosts)
            foreach (var correlation in Parse(tail.Read(), CorrelationJson.Kind))
                Add(host, correlation);
    }

    /// <summary>The first request after a time with which so many in a row, itself among them, have all four views.</summary>
    /// <returns>When it was read that it had been made; null if there is none.</returns>
    internal TimeSpan? FirstWhole(TimeSpan after, int inRow)
    {
        var row = 0;
        foreach (var (key, _, _) in _asked.Where(asked => asked.At > after))
        {
            row = _whole.Contains(key) ? row + 1 : 0;
            if (row == inRow)
                return _asked[_asked.FindIndex(asked => asked.Key == key) - inRow + 1].At;
        }

        return null;
    }

    private void Add(string host, Correlation correlation)
    {
        var isNamed = long.TryParse(correlation.RequestId.Text, out var number);
        if (!isNamed && correlation.Finding.Verdict != Verdict.Discrepant)
            return;
        var client = correlation.ClientExchange?.Local ?? correlation.ServerExchange?.Peer ?? correlation.ClientRecord?.Local ?? correlation.ServerRecord?.Peer ?? default;
        var key = new RequestKey(number >= FirstUnread ? default : client, number);
        if (!isNamed)
        {
            _unnamed.Add(new Reported(host, key, correlation.Finding.Verdict, correlation.Finding.Cause, false, correlation.Finding.Reason));
            return;
        }

        var four = correlation is { ClientRecord: not null, ServerRecord: not null, ClientExchange: not null, ServerExchange: not null };
        _reported.Add(new Reported(host, key, correlation.Finding.Verdict, correlation.Finding.Cause, four, correlation.Finding.Reason));
        if (four)
            _whole.Add(key);
    }

    private static IEnumerable<T> Parse<T>(byte[] lines, RecordKind<T> kind)
    {
        if (lines.Length == 0)
            yield break;
        using var reader = RecordReader<T>.Over("what was written last", new MemoryStream(lines), kind);
        foreach (var record in reader.ReadAll())
            yield return record;
    }
}
