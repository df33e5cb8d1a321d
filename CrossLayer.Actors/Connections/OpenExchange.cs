using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>An exchange in the making at one socket. Reused for the next exchange once it is settled.</summary>
internal sealed class OpenExchange
{
    private ByteRange _request;
    private ByteRange _response;
    private long _firstNs;
    private long _requestStartNs;
    private long _requestEndNs;
    private long _responseStartNs;
    private long _responseEndNs;
    private long _ackedNs;
    private long _ackedOffset;
    private long _resetReceivedNs;
    private long _resetSentNs;
    private long _windowClosedBeforeNs;
    private long _windowClosedNs;
    private int _retransmits;
    private int _synRetransmits;
    private int _drops;
    private int _events;
    private int _retransmitsWithoutProgress;
    private bool _unread;
    private bool _complete;

    internal ExchangeId Id { get; private set; }

    internal long LastNs { get; private set; }

    /// <summary>When nothing more is to be expected, if nothing comes before.</summary>
    internal long DeadlineNs(ExchangeTimes times) => LastNs + (
        _response.Length == 0 || _unread ? times.PatienceNs
        : IsAcknowledged ? times.SettleNs
        : _retransmitsWithoutProgress > 0 ? times.UnackedNs
        : times.PatienceNs);

    internal bool HasResponse => _response.Length > 0;

    internal long RequestStart => _request.Start;

    /// <summary>What this socket sends in the exchange.</summary>
    private ByteRange Sent => Id.IsServer ? _response : _request;

    internal void Begin(ExchangeId id, in KernelEvent e, long requestStart, long responseStart, long windowClosedBeforeNs, bool complete)
    {
        Id = id;
        _request = new ByteRange(requestStart, requestStart);
        _response = new ByteRange(responseStart, responseStart);
        _firstNs = LastNs = (long)e.TimestampNs;
        _windowClosedBeforeNs = _windowClosedNs = windowClosedBeforeNs;
        _requestStartNs = _requestEndNs = _responseStartNs = _responseEndNs = 0;
        _ackedNs = _ackedOffset = _resetReceivedNs = _resetSentNs = 0;
        _retransmits = _synRetransmits = _drops = _events = 0;
        _unread = false;
        _retransmitsWithoutProgress = 0;
        _complete = complete;
    }

    /// <summary>Counts events that came before the exchange began and belong to it: the handshake's.</summary>
    internal void AddHandshake(int events, int synRetransmits)
    {
        _events += events;
        _synRetransmits += synRetransmits;
    }

    internal void MarkIncomplete() => _complete = false;

    internal bool Owns(in KernelEvent retransmit) => Sent.Contains((long)retransmit.RangeStart);

    /// <summary>Takes in an event of the exchange's socket, or of its connection where the kernel had no socket.</summary>
    internal void Apply(in KernelEvent e)
    {
        var now = (long)e.TimestampNs;
        _events++;
        switch (e.Type)
        {
            case KernelEventType.Send when e.Bytes > 0:
                AddBytes(outbound: true, (long)e.Written, now);
                break;
            case KernelEventType.Recv when e.Bytes > 0:
                AddBytes(outbound: false, (long)e.Copied, now);
                break;
            case KernelEventType.Retransmit:
                _retransmits++;
                _retransmitsWithoutProgress++;
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
                break;
        }

        if (e.SocketCookie != 0)
            Observe(in e, now);
    }

    /// <summary>Takes in what any event of the socket says about acknowledgements and the peer's window.</summary>
    internal void Observe(in KernelEvent e, long now)
    {
        _windowClosedNs = Math.Max(_windowClosedNs, (long)e.RwndLimitedNs);
        if ((long)e.Acked > _ackedOffset)
            (_ackedOffset, _retransmitsWithoutProgress) = ((long)e.Acked, 0);
        _unread = !Id.IsServer && e.Received > e.Copied;
        if (_ackedNs == 0 && Sent.Length > 0 && _ackedOffset >= Sent.End)
            _ackedNs = LastNs = now;
    }

    internal bool IsAcknowledged => Sent.Length == 0 || _ackedOffset >= Sent.End;

    internal Exchange Settle(SocketTrack socket, in KernelEvent? closed)
    {
        var unread = closed is { } last ? (long)(last.Received - last.Copied) : 0;
        var first = Id.Ordinal == 1 && socket.HandshakeEndNs > 0;
        return new Exchange
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
            ConnectStartNs = first && socket.HandshakeStartNs > 0 ? socket.HandshakeStartNs : null,
            ConnectEndNs = first ? socket.HandshakeEndNs : null,
            FirstNs = _firstNs,
            RequestStartNs = Known(_requestStartNs),
            RequestEndNs = Known(_requestEndNs),
            ResponseStartNs = Known(_responseStartNs),
            ResponseEndNs = Known(_responseEndNs),
            AckedNs = Known(_ackedNs),
            UnackedBytes = Math.Max(0, Sent.End - Math.Max(Sent.Start, _ackedOffset)),
            UnreadBytes = unread,
            ClosedNs = closed is { } close ? (long)close.TimestampNs : null,
            ResetReceivedNs = Known(_resetReceivedNs),
            ResetSentNs = Known(_resetSentNs),
            Retransmits = _retransmits,
            SynRetransmits = _synRetransmits,
            Drops = _drops,
            RwndLimitedNs = _windowClosedNs - _windowClosedBeforeNs,
            EventCount = _events,
            Complete = _complete,
            LastNs = LastNs,
        };
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
        }
        else
        {
            _request = _request with { End = Math.Max(_request.End, end) };
            _requestStartNs = _requestStartNs == 0 ? now : _requestStartNs;
            _requestEndNs = now;
        }

        // More was sent: what was acknowledged before is no longer all.
        if (outbound)
            _ackedNs = 0;
    }
}
