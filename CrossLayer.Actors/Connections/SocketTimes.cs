using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>How long a socket's sending has been held up so far (tcp_chrono, include/linux/tcp.h), in nanoseconds.</summary>
/// <param name="RwndLimitedNs">By the peer's window.</param>
/// <param name="SndbufLimitedNs">By its own send buffer.</param>
internal readonly record struct SocketTimes(long RwndLimitedNs, long SndbufLimitedNs)
{
    /// <summary>What an event of the socket says; events may overtake each other, the counters only grow.</summary>
    internal SocketTimes Later(in KernelEvent e) =>
        new(Math.Max(RwndLimitedNs, (long)e.RwndLimitedNs), Math.Max(SndbufLimitedNs, (long)e.SndbufLimitedNs));
}
