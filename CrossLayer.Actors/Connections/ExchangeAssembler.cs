using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// Turns kernel events, in order of time, into exchanges. Plain state, no clock, no I/O: what it gives depends on the
/// events of each connection alone, not on how they were cut into batches.
/// </summary>
/// <remarks>
/// Deadlines are fired in order: before an event is applied, what was due before it on the same connection; with
/// <see cref="Advance"/>, what is due on all others. Nothing is allocated per event.
/// </remarks>
public sealed class ExchangeAssembler
{
    /// <summary>A socket that is silent for so long was probably closed unseen.</summary>
    private static readonly long IdleNs = (long)TimeSpan.FromHours(1).TotalNanoseconds;
    private static readonly long SweepNs = (long)TimeSpan.FromMinutes(1).TotalNanoseconds;

    private readonly Dictionary<ConnectionKey, List<SocketTrack>> _connections = [];
    private readonly DeadlineQueue<SocketTrack> _deadlines = new();
    private readonly ExchangeTimes _times;
    private readonly int _maxSockets;
    private long _lossEndNs = long.MinValue;
    private long _sweptNs = long.MinValue;
    private int _sockets;

    /// <param name="times">How long an exchange is waited for.</param>
    /// <param name="maxSockets">More sockets than this are not followed; their events count as <see cref="Skipped"/>.</param>
    public ExchangeAssembler(ExchangeTimes times, int maxSockets)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxSockets);
        (_times, _maxSockets) = (times, maxSockets);
    }

    /// <summary>Sockets followed now.</summary>
    public int Sockets => _sockets;

    /// <summary>Events of sockets that were not followed because there were too many.</summary>
    public long Skipped { get; private set; }

    /// <summary>Takes in one event; events come in order of time, a loss at the start of its interval.</summary>
    public void Apply(in KernelEvent e, List<ConnectionFact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (e.Type == KernelEventType.Lost)
        {
            ApplyLoss(in e, facts);
            return;
        }

        var key = ConnectionKey.Of(e.Local, e.Peer);
        var socket = Find(key, in e);
        if (socket is null)
            return;
        socket.Expire((long)e.TimestampNs - 1, _times, facts);
        socket.Apply(in e, (long)e.TimestampNs <= _lossEndNs, facts);
        if (socket.Closed)
            Forget(socket);
        else
            Schedule(socket, (long)e.TimestampNs);
    }

    /// <summary>Fires all deadlines up to the watermark.</summary>
    public void Advance(long watermarkNs, List<ConnectionFact> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        while (_deadlines.TakeDue(watermarkNs) is { } socket)
        {
            if (socket.Closed)
                continue;
            // What moved it on before its deadline may still be told.
            socket.Expire(watermarkNs - socket.ToldWithinNs, _times, facts);
            if (socket.Closed)
                Forget(socket);
            else
                Schedule(socket, watermarkNs);
        }

        if (watermarkNs - _sweptNs > SweepNs || _sweptNs == long.MinValue)
            Sweep(watermarkNs);
    }

    private void ApplyLoss(in KernelEvent e, List<ConnectionFact> facts)
    {
        // What settled before is not touched, though the watermark may not have come to it yet.
        Advance((long)e.SinceNs - 1, facts);
        _lossEndNs = Math.Max(_lossEndNs, (long)e.TimestampNs);
        foreach (var sockets in _connections.Values)
            foreach (var socket in sockets)
                socket.MarkIncomplete();
    }

    /// <summary>
    /// Where an event without a socket belongs (a reset where nobody listens, a dropped packet): to a socket of the same
    /// connection in its own network namespace, its own end's if there is one. What a router's namespace drops is not this host's.
    /// </summary>
    private static SocketTrack? WithoutSocket(List<SocketTrack> sockets, in KernelEvent e)
    {
        // What a host sends where it has no socket yet, or none any more: whoever waits for it may see another, or none.
        foreach (var other in sockets)
            if (other.Local == e.Peer)
                other.NotePeersHost(e.Type);
        // How often is told by the accept that follows.
        if (e.Type == KernelEventType.SynackRetransmit)
            return null;
        var (netns, local) = (e.NetnsCookie, e.Local);
        return sockets.FindLast(socket => IsOf(socket) && socket.Local == local) ?? sockets.FindLast(IsOf);

        bool IsOf(SocketTrack socket) => netns == 0 || socket.NetnsCookie == netns;
    }

    /// <summary>The event's socket; null if it has none that is followed.</summary>
    private SocketTrack? Find(ConnectionKey key, in KernelEvent e)
    {
        if (_connections.TryGetValue(key, out var sockets))
        {
            foreach (var socket in sockets)
                if (socket.SocketCookie == e.SocketCookie && socket.NetnsCookie == e.NetnsCookie)
                    return socket;
            if (e.SocketCookie == 0)
                return WithoutSocket(sockets, in e);
        }

        if (e.SocketCookie == 0)
            return null;
        if (_sockets >= _maxSockets)
        {
            Skipped++;
            return null;
        }

        if (sockets is null)
            _connections.Add(key, sockets = new List<SocketTrack>(2));
        var added = new SocketTrack(e.NetnsCookie, e.SocketCookie, key, e.Local, e.Peer);
        foreach (var other in sockets)
            if (other.Local == added.Peer && other is { Twin: null, Ended: false })
                (other.Twin, added.Twin) = (added, other);
        sockets.Add(added);
        _sockets++;
        return added;
    }

    private void Forget(SocketTrack socket)
    {
        var sockets = _connections[socket.Key];
        sockets.Remove(socket);
        _sockets--;
        if (sockets.Count == 0)
            _connections.Remove(socket.Key);
    }

    /// <summary>
    /// Whatever comes after <paramref name="nowNs"/>, no deadline of the socket will be earlier than a settle time from
    /// then: looking again at that time is early enough, and the queue holds each socket once.
    /// </summary>
    private void Schedule(SocketTrack socket, long nowNs)
    {
        var deadline = socket.DeadlineNs(_times);
        if (deadline != long.MaxValue)
            _deadlines.Schedule(socket, Math.Min(deadline, nowNs + _times.SettleNs) + socket.ToldWithinNs);
    }

    private void Sweep(long nowNs)
    {
        _sweptNs = nowNs;
        foreach (var socket in _connections.Values.SelectMany(sockets => sockets).ToList())
            if (socket.IsIdle && nowNs - socket.LastNs > IdleNs)
                Forget(socket);
    }
}
