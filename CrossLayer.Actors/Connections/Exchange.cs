using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// One request and its response on a connection, as the kernel saw it at one socket. Times are CLOCK_MONOTONIC
/// nanoseconds; ranges are byte offsets in the two streams from the connection's start.
/// </summary>
public sealed record Exchange
{
    /// <summary>The network namespace the socket is in (net_cookie).</summary>
    public required ulong NetnsCookie { get; init; }

    /// <summary>The socket (SO_COOKIE); 0 where the kernel had no full socket.</summary>
    public required ulong SocketCookie { get; init; }

    /// <summary>This socket's end.</summary>
    public required Endpoint Local { get; init; }

    /// <summary>The other end.</summary>
    public required Endpoint Peer { get; init; }

    /// <summary>True at the server's socket: the request is what it received.</summary>
    public required bool IsServer { get; init; }

    /// <summary>1 for the first exchange on the connection; counted from the probe's start for an older connection.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The process that owns the socket; 0 if unknown.</summary>
    public uint Pid { get; init; }

    /// <summary>Its name.</summary>
    public string Comm { get; init; } = "";

    /// <summary>First byte of the request in its stream, and the one after its last.</summary>
    public ByteRange Request { get; init; }

    /// <summary>First byte of the response in its stream, and the one after its last.</summary>
    public ByteRange Response { get; init; }

    /// <summary>When the SYN was queued, for the first exchange on a connection that was opened here.</summary>
    public long? ConnectStartNs { get; init; }

    /// <summary>When the handshake ended, for the first exchange on a connection.</summary>
    public long? ConnectEndNs { get; init; }

    /// <summary>The first event of the exchange, connect included.</summary>
    public required long FirstNs { get; init; }

    /// <summary>Request bytes first written (client) or read (server).</summary>
    public long? RequestStartNs { get; init; }

    /// <summary>Request bytes last written (client) or read (server).</summary>
    public long? RequestEndNs { get; init; }

    /// <summary>Response bytes first written (server) or read (client).</summary>
    public long? ResponseStartNs { get; init; }

    /// <summary>Response bytes last written (server) or read (client).</summary>
    public long? ResponseEndNs { get; init; }

    /// <summary>When what this socket sent was first seen to be acknowledged to its last byte.</summary>
    public long? AckedNs { get; init; }

    /// <summary>Bytes this socket sent in the exchange that the peer had not acknowledged at its end.</summary>
    public long UnackedBytes { get; init; }

    /// <summary>Bytes of the exchange that arrived and that the application had not read when the socket closed.</summary>
    public long UnreadBytes { get; init; }

    /// <summary>When the socket closed, if that ended the exchange.</summary>
    public long? ClosedNs { get; init; }

    /// <summary>When the end of the peer's stream was first seen.</summary>
    public long? FinReceivedNs { get; init; }

    /// <summary>When a reset arrived during the exchange.</summary>
    public long? ResetReceivedNs { get; init; }

    /// <summary>When a reset was sent during the exchange.</summary>
    public long? ResetSentNs { get; init; }

    /// <summary>The connection attempt failed: its errno; 0 where the application gave up.</summary>
    public int? ConnectError { get; init; }

    /// <summary>Data segments of the exchange that were sent again.</summary>
    public int Retransmits { get; init; }

    /// <summary>SYNs or SYN-ACKs that were sent again.</summary>
    public int SynRetransmits { get; init; }

    /// <summary>Packets of the connection that this host dropped during the exchange.</summary>
    public int Drops { get; init; }

    /// <summary>Those of them that were its own, on their way out.</summary>
    public int EgressDrops { get; init; }

    /// <summary>The most that one and the same byte of the exchange was sent again: nothing of it came through so often in a row.</summary>
    public int RepeatedRetransmits { get; init; }

    /// <summary>
    /// Time in which the peer had acknowledged all that this socket sent in the exchange, and its application wrote nothing, though it did
    /// later: pauses of its own, in nanoseconds.
    /// </summary>
    public long PausedNs { get; init; }

    /// <summary>The longest time between two of the calls by which this socket's application wrote (client) or read (server) the request, in nanoseconds.</summary>
    public long RequestGapNs { get; init; }

    /// <summary>How long the connection had been silent before the exchange; null for its first.</summary>
    public long? IdleNs { get; init; }

    /// <summary>The longest smoothed round trip while it went on, in nanoseconds; 0 if none was measured.</summary>
    public long RttNs { get; init; }

    /// <summary>The shortest that the connection had until then, in nanoseconds.</summary>
    public long LeastRttNs { get; init; }

    /// <summary>Whether the peer's socket sent a reset, ever, or its host where that socket was gone; null where neither is in sight.</summary>
    public bool? PeerSentReset { get; init; }

    /// <summary>SYN-ACKs that the peer's host sent again to this socket, for the first exchange on a connection.</summary>
    public int PeerSynackRetransmits { get; init; }

    /// <summary>Time that bytes of the exchange waited for room in the peer's window, in nanoseconds (tcp_chrono; resolution: a jiffy).</summary>
    public long RwndLimitedNs { get; init; }

    /// <summary>Time that the network waited for room in this socket's send buffer, in nanoseconds (tcp_chrono; resolution: a jiffy).</summary>
    public long SndbufLimitedNs { get; init; }

    /// <summary>
    /// Time lost to what had to be sent again, in nanoseconds: from its first sending, or the last progress before, to its
    /// acknowledgement, less a round trip.
    /// </summary>
    public long RecoveryNs { get; init; }

    /// <summary>Several requests had their bytes in these at the same time (HTTP/2): what is here is theirs together.</summary>
    public bool Shared { get; init; }

    /// <summary>Some of it was told in a summary: the times of most calls are not known, and where it is cut is not exact.</summary>
    public bool Summarised { get; init; }

    /// <summary>Kernel events attributed to the exchange.</summary>
    public int EventCount { get; init; }

    /// <summary>The exchange was seen from its first byte and no kernel event was lost in its time.</summary>
    public bool Complete { get; init; }

    /// <summary>The last event that moved the exchange on: its window ends a settle time later.</summary>
    public required long LastNs { get; init; }

    /// <summary>The connection's key, the same seen from either end.</summary>
    public ConnectionKey Connection => ConnectionKey.Of(Local, Peer);
}
