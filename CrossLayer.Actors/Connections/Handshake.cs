using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>What was seen of a connection's handshake at one socket. Its events count to the exchange that comes first.</summary>
internal struct Handshake
{
    /// <summary>When the SYN was queued; 0 if that was not seen.</summary>
    internal long StartNs { get; private set; }

    /// <summary>When the connection was established; 0 if that was not seen.</summary>
    internal long EndNs { get; private set; }

    /// <summary>Events that no exchange has yet.</summary>
    internal int Events { get; private set; }

    /// <summary>SYNs, or SYN-ACKs, sent again, that no exchange has yet.</summary>
    internal int SynRetransmits { get; private set; }

    /// <summary>True if the event belongs to a handshake that did not fail, and to nothing else.</summary>
    internal bool Apply(in KernelEvent e)
    {
        switch (e.Type)
        {
            case KernelEventType.Connect:
                StartNs = (long)e.SinceNs;
                EndNs = (long)e.TimestampNs;
                break;
            case KernelEventType.Accept:
                EndNs = (long)e.TimestampNs;
                SynRetransmits = (int)e.TotalRetrans;
                break;
            case KernelEventType.Retransmit when e.NewState == TcpState.SynSent:
                SynRetransmits++;
                break;
            default:
                return false;
        }

        Events++;
        return true;
    }

    /// <summary>An event without an exchange: the handshake's as long as that lasts.</summary>
    internal void ApplyOther() => Events += EndNs == 0 ? 1 : 0;

    /// <summary>An exchange has what was counted.</summary>
    internal void Clear() => Events = SynRetransmits = 0;
}
