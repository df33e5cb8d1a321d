using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// Which of the times that records can have been at fit what the kernel saw: their connection was at work then, or events were
/// lost, or it lies outside the recording while the connection may have been open there. One pass over the events; memory grows
/// with the records in doubt alone.
/// </summary>
internal sealed class SightedPlaces
{
    private const int MostLosses = 256;

    private readonly Dictionary<ConnectionKey, Connection> _connections = [];
    private readonly List<(long StartNs, long EndNs)> _losses = [];
    private readonly IReadOnlyList<RecordPlaces.Placed> _records;
    private readonly long _toleranceNs;
    private long _firstNs = long.MaxValue;
    private long _lastNs = long.MinValue;

    /// <param name="records">Records in doubt; those that name no connection fit anywhere.</param>
    /// <param name="toleranceNs">How far a record's time may be off.</param>
    internal SightedPlaces(IReadOnlyList<RecordPlaces.Placed> records, long toleranceNs)
    {
        (_records, _toleranceNs) = (records, toleranceNs);
        foreach (var placed in records)
        {
            if (placed.Connection is not { } key)
                continue;
            if (!_connections.TryGetValue(key, out var connection))
                _connections.Add(key, connection = new Connection());
            foreach (var start in placed.StartsNs)
                connection.Spans.Add(new Span(start - toleranceNs, placed.EndOf(start) + toleranceNs));
        }

        foreach (var connection in _connections.Values)
            connection.Sort();
    }

    /// <summary>Rules out the times that do not fit, of records that have one that does.</summary>
    internal void RuleOut(IEnumerable<KernelEvent> events)
    {
        foreach (var e in events)
        {
            var time = (long)e.TimestampNs;
            _firstNs = Math.Min(_firstNs, time);
            _lastNs = Math.Max(_lastNs, time);
            if (e.Type == KernelEventType.Lost)
                Lose((long)e.SinceNs, time);
            else if (_connections.TryGetValue(ConnectionKey.Of(e.Local, e.Peer), out var connection))
                connection.See(in e, time);
        }

        foreach (var placed in _records)
            if (placed.Connection is { } key)
                placed.Keep(start => Fits(_connections[key], start - _toleranceNs, placed.EndOf(start) + _toleranceNs));
    }

    /// <summary>Bounded: where there are very many, the last one reaches over the rest.</summary>
    private void Lose(long sinceNs, long untilNs)
    {
        if (_losses.Count < MostLosses)
            _losses.Add((sinceNs, untilNs));
        else
            _losses[^1] = (Math.Min(_losses[^1].StartNs, sinceNs), Math.Max(_losses[^1].EndNs, untilNs));
    }

    private bool Fits(Connection connection, long startNs, long endNs) =>
        (startNs < _firstNs && connection.IsOlder) || (endNs > _lastNs && connection.IsOpen)
        || _losses.Exists(loss => loss.StartNs <= endNs && loss.EndNs >= startNs) || connection.WasSeen(startNs, endNs);

    private sealed record Span(long StartNs, long EndNs)
    {
        internal bool IsSeen { get; set; }
    }

    /// <summary>The sockets of one tuple, one after the other.</summary>
    private sealed class Connection
    {
        private readonly HashSet<ulong> _met = [];
        private readonly HashSet<ulong> _closed = [];
        private long _longestNs;
        private bool _isSeen;

        internal List<Span> Spans { get; } = [];

        /// <summary>It may have been there before the recording.</summary>
        internal bool IsOlder { get; private set; }

        /// <summary>It may still have been there after the recording.</summary>
        internal bool IsOpen => !_met.IsSubsetOf(_closed);

        internal void Sort()
        {
            Spans.Sort((one, other) => one.StartNs.CompareTo(other.StartNs));
            _longestNs = Spans.Max(span => span.EndNs - span.StartNs);
        }

        internal void See(in KernelEvent e, long timeNs)
        {
            IsOlder |= !_isSeen && !IsOfHandshake(in e);
            _isSeen = true;
            if (e.Type == KernelEventType.Close || (e.Type == KernelEventType.State && e.NewState == TcpState.Close))
                _closed.Add(e.SocketCookie);
            else
                _met.Add(e.SocketCookie);
            for (var i = FirstFrom(timeNs - _longestNs); i < Spans.Count && Spans[i].StartNs <= timeNs; i++)
                Spans[i].IsSeen |= Spans[i].EndNs >= timeNs;
        }

        internal bool WasSeen(long startNs, long endNs)
        {
            for (var i = FirstFrom(startNs); i < Spans.Count && Spans[i].StartNs == startNs; i++)
                if (Spans[i].EndNs == endNs && Spans[i].IsSeen)
                    return true;
            return false;
        }

        private static bool IsOfHandshake(in KernelEvent e) =>
            e.Type is KernelEventType.Connect or KernelEventType.Accept or KernelEventType.SynackRetransmit
            || e.OldState is TcpState.SynSent or TcpState.SynRecv || e.NewState is TcpState.SynSent or TcpState.SynRecv;

        private int FirstFrom(long startNs)
        {
            var (low, high) = (0, Spans.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Spans[middle].StartNs < startNs)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }
    }
}
