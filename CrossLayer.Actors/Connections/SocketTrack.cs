using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// What is remembered of one socket: who owns it, and its exchanges in the making, oldest first. A new exchange begins
/// with the first request byte after response bytes; the one before it stays until what it sent is acknowledged.
/// </summary>
internal sealed class SocketTrack(ulong netnsCookie, ulong socketCookie, ConnectionKey key, Endpoint local, Endpoint peer) : IScheduled
{
    /// <summary>KEPT_AT_MOST_NS, and the time until a peer that had no room is asked again (TCP_RTO_MIN): something happens to the socket then.</summary>
    private const long KeptAtMostNs = 300_000_000;

    private readonly List<OpenExchange> _open = [];
    private readonly Stack<OpenExchange> _free = [];
    private SocketRole _role;
    private bool _isServer;
    private SocketTimes _times;
    private int _ordinal;
    private Handshake _handshake;
    private SeenStreams _streams;
    private bool _lostEvents;
    private bool _missedBytes;
    private StateChain _states;
    private bool _peersHostSentReset;

    internal ConnectionKey Key => key;
    internal Endpoint Local => local;
    internal Endpoint Peer => peer;
    internal ulong NetnsCookie => netnsCookie;
    internal ulong SocketCookie => socketCookie;
    internal uint Pid { get; private set; }
    internal string Comm { get; private set; } = "";
    internal Handshake Handshake => _handshake;
    internal long LastNs { get; private set; }

    /// <summary>The socket is gone.</summary>
    internal bool Ended { get; private set; }

    /// <summary>The socket is gone, and nothing more is expected of it.</summary>
    internal bool Closed => Ended && IsIdle;

    /// <summary>How long after it happened an event of the socket may be told, in nanoseconds: a summary keeps what is under way (bpf/summaries.h).</summary>
    internal long ToldWithinNs { get; private set; }

    /// <summary>The socket at the connection's other end, where that is in sight.</summary>
    internal SocketTrack? Twin { get; set; }

    /// <summary>When a reset arrived while no exchange was open, or only one that was over: that of a send which has not returned yet; 0 if none did.</summary>
    internal long ResetReceivedNs { get; private set; }

    /// <summary>It sent a reset.</summary>
    internal bool SentReset { get; private set; }

    /// <summary>Whether the peer sent a reset, its socket or its host in its name; null where neither is in sight.</summary>
    internal bool? PeerSentReset => _peersHostSentReset ? true : Twin?.SentReset;

    /// <summary>The shortest smoothed round trip so far, in microseconds; 0 if none was measured.</summary>
    internal uint LeastRttUs { get; private set; }

    /// <summary>SYN-ACKs that the peer's host sent again.</summary>
    internal int PeerSynackRetransmits { get; private set; }

    /// <summary>Takes in what the peer's host sent without a socket.</summary>
    internal void NotePeersHost(KernelEventType type)
    {
        PeerSynackRetransmits += type == KernelEventType.SynackRetransmit ? 1 : 0;
        _peersHostSentReset |= type == KernelEventType.ResetSent;
    }

    /// <inheritdoc/>
    public long ScheduledNs { get; set; } = long.MaxValue;

    /// <summary>True without an exchange in the making.</summary>
    internal bool IsIdle => _open.Count == 0;

    /// <summary>When the first exchange settles if nothing moves it on; <see cref="long.MaxValue"/> without one.</summary>
    internal long DeadlineNs(ExchangeTimes times)
    {
        var deadline = long.MaxValue;
        foreach (var exchange in _open)
            deadline = Math.Min(deadline, exchange.DeadlineNs(times));
        return deadline;
    }

    /// <summary>Events were lost while the socket was known.</summary>
    internal void MarkIncomplete()
    {
        _lostEvents = true;
        _streams.MarkLoss();
        _states.Forget();
        foreach (var exchange in _open)
            exchange.MarkIncomplete();
    }

    /// <summary>Takes in an event of this socket, or one without a socket of its connection.</summary>
    internal void Apply(in KernelEvent e, bool lossActive, List<ConnectionFact> facts)
    {
        var lastNs = LastNs;
        LastNs = (long)e.TimestampNs;
        if (e.IsOfKernel && e.SocketCookie != 0)
            ToldWithinNs = (e.Flags & StreamFlags.Summarised) != 0 ? KeptAtMostNs : e.Type is KernelEventType.Send or KernelEventType.Recv ? 0 : ToldWithinNs;
        if (e.SrttUs > 0 && (LeastRttUs == 0 || e.SrttUs < LeastRttUs))
            LeastRttUs = e.SrttUs;
        SentReset |= e.Type == KernelEventType.ResetSent && e.Local == local;
        // The socket is there, and older than the probe: nothing happened.
        if (e.Type == KernelEventType.State && e.OldState == e.NewState)
        {
            _states.Find(e.NewState);
            LearnOwner(in e);
            return;
        }

        if (e.SocketCookie != 0)
            LearnOwner(in e);
        if (_states.IsBrokenBy(in e))
            foreach (var exchange in _open)
                exchange.MarkIncomplete();

        switch (e.Type)
        {
            case KernelEventType.Connect when e.NewState != TcpState.Established:
                SettleFailedConnect(in e, facts);
                return;
            case KernelEventType.Close:
                foreach (var exchange in _open)
                    exchange.Apply(in e);
                End(in e, facts);
                return;
            case KernelEventType.Drop when Ended:
                ApplyAfterEnd(in e, facts);
                return;
        }

        if (_handshake.Apply(in e))
        {
            _streams.Apply(in e, lossActive);
            return;
        }

        _missedBytes |= _streams.Missed(in e);
        if (_streams.Untold(in e) is > 0 and var untold)
            ApplyUntoldSend(in e, untold, lastNs, lossActive, facts);
        if (BeginsExchange(in e))
            Begin(in e, lastNs, lossActive, facts);
        if (e.SocketCookie != 0)
            _streams.Apply(in e, lossActive);
        if (e.Type == KernelEventType.ResetReceived && (_open.Count == 0 || _open[^1] is { HasResponse: true, IsAcknowledged: true }))
            ResetReceivedNs = LastNs;
        if (_open.Count == 0)
        {
            _handshake.ApplyOther();
            Ended |= IsAbort(in e);
            return;
        }

        OwnerOf(in e).Apply(in e);
        if (IsAbort(in e))
            End(in e, facts);
        else
            SettleAcknowledged(in e, facts);
    }

    /// <summary>Settles what nothing more is to be expected of, up to <paramref name="nowNs"/>.</summary>
    internal void Expire(long nowNs, ExchangeTimes times, List<ConnectionFact> facts)
    {
        for (var i = 0; i < _open.Count;)
        {
            var deadline = _open[i].DeadlineNs(times);
            if (deadline <= nowNs)
                Settle(i, deadline, facts);
            else
                i++;
        }
    }

    private void LearnOwner(in KernelEvent e)
    {
        if (_role == SocketRole.Unknown && e.Role != SocketRole.Unknown)
            (_role, _isServer) = (e.Role, e.Role == SocketRole.Passive);
        if (e.Pid == 0 || e.Pid == Pid)
            return;
        Pid = e.Pid;
        Comm = e.Comm.ToString();
    }

    /// <summary>
    /// Request bytes, and no exchange or one with response bytes. Where the role is unknown, whoever is first seen to
    /// send is the client; that first exchange may be a part, and is never complete.
    /// </summary>
    private bool BeginsExchange(in KernelEvent e)
    {
        if (e.Bytes <= 0 || e.Type is not (KernelEventType.Send or KernelEventType.Recv))
            return false;
        // Its bytes, or those that it began with, are some exchange's already.
        if (_streams.TakenOf(in e) is { } taken && ((long)e.Written <= taken || OwnerOf(taken) is not null))
            return false;
        if (_open.Count == 0)
            return true;
        var request = e.Type == KernelEventType.Recv == _isServer;
        return request && _open[^1].HasResponse;
    }

    /// <summary>What was sent before a call read on, and will be told of behind it: all that is known of its time is that it was before.</summary>
    private void ApplyUntoldSend(in KernelEvent e, int bytes, long lastNs, bool lossActive, List<ConnectionFact> facts)
    {
        var send = e with { Type = KernelEventType.Send, Bytes = bytes, Copied = e.Copied - (ulong)e.Bytes };
        if (BeginsExchange(in send))
            Begin(in send, lastNs, lossActive, facts);
        _open[^1].AddSent((long)e.Written, (long)e.TimestampNs);
        _streams.TakeUntold(in e);
    }

    private void Begin(in KernelEvent e, long lastNs, bool lossActive, List<ConnectionFact> facts)
    {
        var outbound = e.Type == KernelEventType.Send;
        if (_role == SocketRole.Unknown && _ordinal == 0)
            _isServer = !outbound;
        var (sent, received) = _streams.StartOf(in e);
        // The socket's own count tells as well as its handshake does: one that has carried nothing yet begins here.
        var isFirst = _handshake.EndNs > 0 || (_role != SocketRole.Unknown && sent == 0 && received == 0);
        // Response bytes first: a banner on a new connection; else the request was before the probe, or the response
        // paused for so long that it was given up.
        var seenFromStart = _ordinal == 0 ? isFirst : outbound != _isServer;
        // After a loss, bytes between what was seen last and this event's own are a part of this exchange, or others, that nobody saw.
        var missedBytes = _streams.Missed(in e);
        _streams.BeginExchange(lossActive);
        var exchange = _free.Count > 0 ? _free.Pop() : new OpenExchange();
        var id = new ExchangeId(netnsCookie, socketCookie, _isServer, ++_ordinal);
        exchange.Begin(id, in e, _isServer ? received : sent, _isServer ? sent : received, _times,
            _ordinal > 1 ? (long)e.TimestampNs - lastNs : null,
            seenFromStart && !lossActive && !missedBytes && !(_lostEvents && _ordinal == 1));
        exchange.AddHandshake(_handshake);
        _handshake.Clear();
        _open.Add(exchange);
        facts.Add(new ExchangeOpened(key, (long)e.TimestampNs, id, exchange.RequestStart, _handshake.EndNs, IsCounted: _handshake.EndNs > 0 && !_missedBytes));
    }

    /// <summary>
    /// A reset by a socket that is closed already is its last sign: where SO_LINGER of 0 asked for it, the kernel forgets the
    /// peer before the socket is destroyed (tcp_disconnect, net/ipv4/tcp.c), and no close event can name the connection.
    /// </summary>
    private static bool IsAbort(in KernelEvent e) =>
        e is { Type: KernelEventType.ResetSent, NewState: TcpState.Close, SocketCookie: not 0 };

    private OpenExchange OwnerOf(in KernelEvent e)
    {
        if (e.Type == KernelEventType.Retransmit)
            foreach (var exchange in _open)
                if (exchange.Owns(in e))
                    return exchange;
        return (_streams.TakenOf(in e) is { } taken ? OwnerOf(taken) : null) ?? _open[^1];
    }

    /// <summary>The exchange that took in what a send brought before it returned, up to an offset; null once it is settled.</summary>
    private OpenExchange? OwnerOf(long taken)
    {
        foreach (var exchange in _open)
            if (exchange.Sent.End >= taken)
                return exchange;
        return null;
    }

    /// <summary>Earlier exchanges end when what they sent is acknowledged.</summary>
    private void SettleAcknowledged(in KernelEvent e, List<ConnectionFact> facts)
    {
        if (e.SocketCookie == 0)
            return;
        _times = _times.Later(in e);
        for (var i = 0; i < _open.Count - 1;)
        {
            _open[i].Observe(in e, (long)e.TimestampNs);
            if (_open[i].IsAcknowledged)
                Settle(i, (long)e.TimestampNs, facts);
            else
                i++;
        }
    }

    /// <summary>
    /// The socket's last event. A server's socket that has sent its FIN and awaits the peer's does so in TIME_WAIT, where there is no
    /// socket any more (tcp_time_wait, net/ipv4/tcp_minisocks.c): its last exchange stays for what comes meanwhile.
    /// </summary>
    private void End(in KernelEvent last, List<ConnectionFact> facts)
    {
        Ended = true;
        foreach (var exchange in _open)
            exchange.Close(in last);
        var kept = (last.Flags & StreamFlags.FinSent) != 0 && _open is [.., { AwaitsPeersEnd: true }] ? 1 : 0;
        while (_open.Count > kept)
            Settle(0, (long)last.TimestampNs, facts);
    }

    /// <summary>
    /// What comes when the socket is gone is told of as a dropped packet. The peer's reset says as much as one that met the socket; after
    /// its FIN it only answers what was on its way twice.
    /// </summary>
    private void ApplyAfterEnd(in KernelEvent e, List<ConnectionFact> facts)
    {
        var isReset = (e.Flags & StreamFlags.PacketRst) != 0;
        if (IsIdle || e.Local != local || !(isReset || (e.Flags & StreamFlags.PacketFin) != 0))
            return;
        if (isReset)
            _open[0].ReceiveLateReset((long)e.TimestampNs);
        Settle(0, (long)e.TimestampNs, facts);
    }

    private void Settle(int index, long timeNs, List<ConnectionFact> facts)
    {
        var exchange = _open[index];
        facts.Add(new ExchangeSettled(key, timeNs, exchange.Id, exchange.Settle(this)));
        _open.RemoveAt(index);
        _free.Push(exchange);
    }

    private void SettleFailedConnect(in KernelEvent e, List<ConnectionFact> facts)
    {
        var id = new ExchangeId(netnsCookie, socketCookie, IsServer: false, ++_ordinal);
        var exchange = FailedConnect.At(this, id, in e, complete: !_lostEvents);
        _handshake.Clear();
        facts.Add(new ExchangeOpened(key, exchange.LastNs, id, 0, HandshakeNs: exchange.LastNs, IsCounted: true));
        facts.Add(new ExchangeSettled(key, exchange.LastNs, id, new TracedExchange(exchange, ExchangeMarks.Empty)));
    }
}
