namespace CrossLayer.Probe;

/// <summary>What a kernel event reports. Values are those of <c>enum crosslayer_event_type</c> in bpf/crosslayer_event.h.</summary>
public enum KernelEventType : byte
{
    /// <summary>Not a kernel event.</summary>
    None = 0,

    /// <summary>An active open ended: established, refused, timed out or given up.</summary>
    Connect = 1,

    /// <summary>A passive open completed; the connection waits for accept(2).</summary>
    Accept = 2,

    /// <summary>sendmsg returned: bytes, or -errno.</summary>
    Send = 3,

    /// <summary>recvmsg returned: bytes, 0 at the end of the stream, or -errno.</summary>
    Recv = 4,

    /// <summary>The socket is gone; its last offsets.</summary>
    Close = 5,

    /// <summary>Any other TCP state change; without a change: the socket is older than the probe.</summary>
    State = 6,

    /// <summary>A segment was sent again.</summary>
    Retransmit = 7,

    /// <summary>A SYN-ACK was sent again.</summary>
    SynackRetransmit = 8,

    /// <summary>A reset was sent.</summary>
    ResetSent = 9,

    /// <summary>A reset arrived.</summary>
    ResetReceived = 10,

    /// <summary>The peer acknowledged all that was written when send last returned, or what was sent again.</summary>
    Acked = 11,

    /// <summary>The kernel dropped a TCP packet.</summary>
    Drop = 12,

    /// <summary>Kernel events were lost in an interval.</summary>
    Lost = 13,

    /// <summary>From now on the hooks chosen do not tell of events of a type, or not of all: a fault could pass unseen.</summary>
    Missing = 14,
}

/// <summary>Which end opened the connection (<c>enum crosslayer_role</c>).</summary>
public enum SocketRole : byte
{
    /// <summary>The socket is older than the probe, and its counters do not tell.</summary>
    Unknown = 0,

    /// <summary>This end called connect.</summary>
    Active = 1,

    /// <summary>This end accepted.</summary>
    Passive = 2,
}

/// <summary>TCP states, as the kernel numbers them (include/net/tcp_states.h).</summary>
public enum TcpState : byte
{
#pragma warning disable CS1591 // RFC 9293, 3.3.2
    None = 0,
    Established = 1,
    SynSent = 2,
    SynRecv = 3,
    FinWait1 = 4,
    FinWait2 = 5,
    TimeWait = 6,
    Close = 7,
    CloseWait = 8,
    LastAck = 9,
    Listen = 10,
    Closing = 11,
    NewSynRecv = 12,
#pragma warning restore CS1591
}

/// <summary>Ends of the two streams, which way a dropped packet went, and how the event was told (<c>enum crosslayer_flags</c>).</summary>
[Flags]
public enum StreamFlags : byte
{
    /// <summary>Both streams are open.</summary>
    None = 0,

    /// <summary>Our FIN is queued: the stream we send has ended.</summary>
    FinSent = 1,

    /// <summary>The peer's FIN arrived: the stream we receive has ended.</summary>
    FinReceived = 2,

    /// <summary>A dropped packet was this host's own, on its way out.</summary>
    Outgoing = 4,

    /// <summary>Made from a summary, which was told at <see cref="KernelEvent.SinceNs"/>: it may stand for several calls, one after the other.</summary>
    Summarised = 8,

    /// <summary>A dropped packet was a reset. One that reaches a socket in TIME_WAIT is told of so, and only so.</summary>
    PacketRst = 16,

    /// <summary>A dropped packet carried a FIN: its sender's stream had ended. So is told what reaches a socket that left FIN_WAIT2 for TIME_WAIT.</summary>
    PacketFin = 32,
}
