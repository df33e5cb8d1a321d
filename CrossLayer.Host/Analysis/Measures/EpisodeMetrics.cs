using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Analysis.Summaries;
using CrossLayer.Host.Files;
using CrossLayer.Probe;
using MathNet.Numerics.Statistics;
using Correlation = CrossLayer.Actors.Correlations.Correlation;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>What applications reported and the kernel saw, as plain figures; those of several episodes can be added up.</summary>
internal sealed class EpisodeMetrics
{
    private readonly List<double> _latenciesMs = [];
    private readonly List<double> _lifetimesMs = [];
    private readonly CorrelationSummary _correlations = new();
    private int _episodes;
    private long _successes;
    private double _seconds;
    private long _events;
    private long _connections;
    private long _bytesSent;
    private long _bytesReceived;
    private long _retransmits;
    private long _resets;

    /// <summary>The figures of an episode.</summary>
    /// <param name="records">What one side's applications reported.</param>
    /// <param name="events">What the kernel saw; nothing where it was not watched.</param>
    /// <param name="correlations">What both add up to, where that is known.</param>
    public static EpisodeMetrics Of(
        IReadOnlyCollection<RequestRecord> records, IEnumerable<DatedKernelEvent> events, IEnumerable<Correlation>? correlations = null)
    {
        var metrics = new EpisodeMetrics { _episodes = 1 };
        metrics.Count(records);
        metrics.Count(events);
        foreach (var correlation in correlations ?? [])
            metrics._correlations.Add(correlation);
        return metrics;
    }

    /// <summary>Adds the figures of other episodes to these.</summary>
    public void Add(EpisodeMetrics other)
    {
        _latenciesMs.AddRange(other._latenciesMs);
        _lifetimesMs.AddRange(other._lifetimesMs);
        _correlations.Add(other._correlations);
        _episodes += other._episodes;
        _successes += other._successes;
        _seconds += other._seconds;
        _events += other._events;
        _connections += other._connections;
        _bytesSent += other._bytesSent;
        _bytesReceived += other._bytesReceived;
        _retransmits += other._retransmits;
        _resets += other._resets;
    }

    /// <summary>The figures.</summary>
    /// <param name="name">What they are of.</param>
    public MetricsSummary Summarize(string name)
    {
        var requests = _latenciesMs.Count;
        return new MetricsSummary(
            name,
            _episodes,
            new ApplicationMetrics(
                requests,
                QuantilesOf(_latenciesMs),
                Share.OfTrials(_successes, requests),
                Share.OfTrials(requests - _successes, requests),
                _seconds,
                _seconds > 0 ? requests / _seconds : null),
            _events == 0 ? null : new KernelMetrics(
                _events, requests == 0 ? null : (double)_events / requests, _connections, _bytesSent, _bytesReceived, QuantilesOf(_lifetimesMs),
                _retransmits, _resets),
            _correlations.Correlations == 0 ? null : VerdictCounts.Of(_correlations));
    }

    private void Count(IReadOnlyCollection<RequestRecord> records)
    {
        _latenciesMs.AddRange(records.Select(record => record.LatencyMs));
        _successes = records.LongCount(record => record.Result == RequestResult.Success);
        var timed = records.Where(record => record.StartUnixNs is not null).ToList();
        if (timed.Count > 0)
            _seconds = (timed.Max(record => record.EndUnixNs!.Value) - timed.Min(record => record.StartUnixNs!.Value)) / 1e9;
    }

    private void Count(IEnumerable<DatedKernelEvent> events)
    {
        var births = new Dictionary<ulong, ulong>();
        var sockets = new HashSet<(ConnectionKey Connection, Endpoint Local, ulong Cookie)>();
        foreach (var dated in events)
        {
            var e = dated.Event;
            if (!e.IsOfKernel)
                continue;
            _events++;
            _retransmits += e.Type is KernelEventType.Retransmit or KernelEventType.SynackRetransmit ? 1 : 0;
            _resets += e.Type is KernelEventType.ResetSent or KernelEventType.ResetReceived ? 1 : 0;
            _bytesSent += e.Type == KernelEventType.Send ? Math.Max(0, e.Bytes) : 0;
            _bytesReceived += e.Type == KernelEventType.Recv ? Math.Max(0, e.Bytes) : 0;
            if (e.SocketCookie == 0)
                continue;
            sockets.Add((ConnectionKey.Of(e.Local, e.Peer), e.Local, e.SocketCookie));
            births.TryAdd(e.SocketCookie, e.TimestampNs);
            if (e.Type == KernelEventType.Close && births.Remove(e.SocketCookie, out var birth) && e.TimestampNs >= birth)
                _lifetimesMs.Add((e.TimestampNs - birth) / 1e6);
        }

        // Both ends of a connection may have been watched: it counts once, and a pair of endpoints used again counts again.
        _connections = sockets.GroupBy(socket => socket.Connection).Sum(connection => connection.GroupBy(socket => socket.Local).Max(end => end.Count()));
    }

    private static Quantiles? QuantilesOf(List<double> values)
    {
        if (values.Count == 0)
            return null;
        var sorted = values.Order().ToArray();
        return new Quantiles(At(0.50), At(0.95), At(0.99), sorted.Length);

        double At(double share) => SortedArrayStatistics.QuantileCustom(sorted, share, QuantileDefinition.R7);
    }
}
