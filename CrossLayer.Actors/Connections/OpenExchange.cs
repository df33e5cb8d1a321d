using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>An exchange in the making at one socket. Reused for the next exchange once it is settled.</summary>
internal sealed class OpenExchange
{
    private readonly MarkList _requestMarks = new();
    private readonly MarkList _responseMarks = new();
    private readonly MarkList _ackedMarks = new();
    private readonly List<long> _retransmits = [];
    private readonly Recovery _recovery = new();
    private ByteRange _request;
    private ByteRange _response;
    private SocketTimes _before;
    private SocketTimes _times;
    private long _firstNs;
    private long _requestStartNs;
    private long _requestEndNs;
    private long _responseStartNs;
    private long _responseEndNs;
    private long _ackedNs;
    private long _ackedOffset;
    private long _finReceivedNs;
    private long _resetReceivedNs;
    private long _resetSentNs;
    private long _closedNs;
    private long _unreadBytes;
    private int _synRetransmits;
    private int _drops;
    private int _egressDrops;
    private long _pausedNs;
    private long _requestGapNs;
    private long? _idleNs;
    private uint _rttUs;
    private int _events;
    private bool _unread;
    private bool _complete;
    private bool _summarised;

    internal ExchangeId Id { get; private set; }

    internal long LastNs { get; private set; }

    /// <summary>When nothing more is to be expected, if nothing comes before.</summary>
    internal long DeadlineNs(ExchangeTimes times) => LastNs + (
        _response.Length == 0 || _unread ? times.PatienceNs
        : IsAcknowledged ? times.SettleNs
        : _recovery.IsStuck ? times.UnackedNs
        : times.PatienceNs);

    internal bool HasResponse => _response.Length > 0;

    internal bool IsAcknowledged => Sent.Length == 0 || _ackedOffset >= Sent.End;

    /// <summary>What the peer may still do about it is seen even after the socket's end: its FIN or reset. A server's, answered in full.</summary>
    internal bool AwaitsPeersEnd => Id.IsServer && HasResponse && IsAcknowledged && _finReceivedNs == 0 && _resetReceivedNs == 0 && _resetSentNs == 0;

    internal long RequestStart => _request.Start;

    /// <summary>What this socket sends in the exchange.</summary>
    internal ByteRange Sent => Id.IsServer ? _response : _request;

    internal void Begin(ExchangeId id, in KernelEvent e, long requestStart, long responseStart, SocketTimes before, long? idleNs, bool complete)
    {
        Id = id;
        _request = new ByteRange(requestStart, requestStart);
        _response = new ByteRange(responseStart, responseStart);
        _before = _times = before;
        _firstNs = LastNs = (long)e.TimestampNs;
        _requestStartNs = _requestEndNs = _responseStartNs = _responseEndNs = 0;
        _ackedNs = _ackedOffset = _finReceivedNs = _resetReceivedNs = _resetSentNs = _closedNs = _unreadBytes = 0;
        _synRetransmits = _drops = _egressDrops = _events = 0;
        _idleNs = idleNs;
        _pausedNs = _requestGapNs = 0;
        _rttUs = 0;
        _unread = _summarised = false;
        _complete = complete;
        _requestMarks.Clear();
        _responseMarks.Clear();
        _ackedMarks.Clear();
        _retransmits.Clear();
        _recovery.Clear();
    }

    /// <summary>Counts events that came before the exchange began and belong to it: the handshake's.</summary>
    internal void AddHandshake(Handshake handshake)
    {
        _events += handshake.Events;
        _synRetransmits += handshake.SynRetransmits;
    }

    internal void MarkIncomplete() => _complete = false;

    internal bool Owns(in KernelEvent retransmit) => Sent.Contains((long)retransmit.RangeStart);

    /// <summary>Takes in an event of the exchange's socket, or of its connection where the kernel had no socket.</summary>
    internal void Apply(in KernelEvent e)
    {
        var now = (long)e.TimestampNs;
        _events++;
        _summarised |= (e.Flags & StreamFlags.Summarised) != 0;
        switch (e.Type)
        {
            case KernelEventType.Send when e.Bytes > 0:
                AddSent((long)e.Written, now);
                break;
            case KernelEventType.Recv when e.Bytes > 0:
                AddBytes(outbound: false, (long)e.Copied, now);
                break;
            // A FIN that is sent again carries none of its bytes.
            case KernelEventType.Retransmit when e.Bytes > 0:
                _retransmits.Add((long)e.RangeStart);
                _recovery.Retransmit(in e, Id.IsServer ? _responseMarks : _requestMarks);
                LastNs = now;
                break;
            case KernelEventType.ResetReceived:
                _resetReceivedNs = LastNs = now;
                break;
            case KernelEventType.ResetSent when e.SocketCookie != 0:
                _resetSentNs = LastNs = now;
                break;
            case KernelEventType.Drop:
                _drops++;
                _egressDrops += (e.Flags & StreamFlags.Outgoing) != 0 ? 1 : 0;
                break;
        }

        if (e.SocketCookie != 0)
            Observe(in e, now);
    }

    /// <summary>Takes in what any event of the socket says about acknowledgements, the end of the stream and the buffers.</summary>
    internal void Observe(in KernelEvent e, long now)
    {
        _times = _times.Later(in e);
        _rttUs = Math.Max(_rttUs, e.SrttUs);
        if (_finReceivedNs == 0 && (e.Flags & StreamFlags.FinReceived) != 0)
            _finReceivedNs = now;
        if ((long)e.Acked > _ackedOffset)
        {
            _ackedOffset = (long)e.Acked;
            _recovery.Progress(_ackedOffset, now);
            _ackedMarks.Add(_ackedOffset, now);
        }

        _unread = !Id.IsServer && e.Received > e.Copied;
        if (_ackedNs == 0 && Sent.Length > 0 && _ackedOffset >= Sent.End)
            _ackedNs = LastNs = now;
    }

    /// <summary>The socket's last event. What was not over goes on until then: whoever gave it up says so then, and not before.</summary>
    internal void Close(in KernelEvent last)
    {
        _closedNs = (long)last.TimestampNs;
        _unreadBytes = (long)(last.Received - last.Copied);
        if (!HasResponse || !IsAcknowledged || _unreadBytes > 0)
            LastNs = _closedNs;
    }

    /// <summary>A reset found the socket gone, or what is left of it in TIME_WAIT.</summary>
    internal void ReceiveLateReset(long ns)
    {
        _events++;
        _resetReceivedNs = LastNs = ns;
    }

    internal TracedExchange Settle(SocketTrack socket)
    {
        var handshake = socket.Handshake;
        var first = Id.Ordinal == 1 && handshake.EndNs > 0;
        var exchange = new Exchange
        {
            NetnsCookie = Id.NetnsCookie,
            SocketCookie = Id.SocketCookie,
            Local = socket.Local,
            Peer = socket.Peer,
            IsServer = Id.IsServer,
            Ordinal = Id.Ordinal,
            Pid = socket.Pid,
            Comm = socket.Comm,
            Request = _request,
            Response = _response,
            ConnectStartNs = first && handshake.StartNs > 0 ? handshake.StartNs : null,
            ConnectEndNs = first ? handshake.EndNs : null,
            FirstNs = _firstNs,
            RequestStartNs = Known(_requestStartNs),
            RequestEndNs = Known(_requestEndNs),
            ResponseStartNs = Known(_responseStartNs),
            ResponseEndNs = Known(_responseEndNs),
            AckedNs = Known(_ackedNs),
            UnackedBytes = Math.Max(0, Sent.End - Math.Max(Sent.Start, _ackedOffset)),
            UnreadBytes = _unreadBytes,
            ClosedNs = Known(_closedNs),
            FinReceivedNs = Known(_finReceivedNs),
            ResetReceivedNs = Known(_resetReceivedNs) ?? Known(socket.ResetReceivedNs),
            ResetSentNs = Known(_resetSentNs),
            Retransmits = _retransmits.Count,
            SynRetransmits = _synRetransmits,
            Drops = _drops,
            EgressDrops = _egressDrops,
            RepeatedRetransmits = _retransmits.Count == 0 ? 0 : _retransmits.CountBy(offset => offset).Max(pair => pair.Value),
            PausedNs = _pausedNs,
            RequestGapNs = _requestGapNs,
            IdleNs = _idleNs,
            RttNs = _rttUs * 1000L,
            LeastRttNs = socket.LeastRttUs * 1000L,
            PeerSentReset = socket.PeerSentReset,
            PeerSynackRetransmits = Id.Ordinal == 1 ? socket.PeerSynackRetransmits : 0,
            RwndLimitedNs = _times.RwndLimitedNs - _before.RwndLimitedNs,
            SndbufLimitedNs = _times.SndbufLimitedNs - _before.SndbufLimitedNs,
            RecoveryNs = _recovery.LostNs(LastNs),
            Summarised = _summarised,
            EventCount = _events,
            Complete = _complete,
            LastNs = LastNs,
        };
        return new TracedExchange(exchange, new ExchangeMarks(
            _requestMarks.ToImmutable(), _responseMarks.ToImmutable(), _ackedMarks.ToImmutable(), [.. _retransmits]));
    }

    /// <summary>This socket's stream goes on to an offset; nothing happens where it has come to it before.</summary>
    internal void AddSent(long end, long now)
    {
        if (end > Sent.End)
            AddBytes(outbound: true, end, now);
    }

    private static long? Known(long ns) => ns == 0 ? null : ns;

    private void AddBytes(bool outbound, long end, long now)
    {
        LastNs = now;
        if (outbound == Id.IsServer)
        {
            _response = _response with { End = Math.Max(_response.End, end) };
            _responseStartNs = _responseStartNs == 0 ? now : _responseStartNs;
            _responseEndNs = now;
            _responseMarks.Add(end, now);
        }
        else
        {
            _request = _request with { End = Math.Max(_request.End, end) };
            _requestGapNs = _requestEndNs == 0 ? 0 : Math.Max(_requestGapNs, now - _requestEndNs);
            _requestStartNs = _requestStartNs == 0 ? now : _requestStartNs;
            _requestEndNs = now;
            _requestMarks.Add(end, now);
        }

        // More was sent: what was acknowledged before is no longer all.
        if (!outbound)
            return;
        if (_ackedNs > 0)
            _pausedNs += Math.Max(0, now - _ackedNs);
        _ackedNs = 0;
    }
}
