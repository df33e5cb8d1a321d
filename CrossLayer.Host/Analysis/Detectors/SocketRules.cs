using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// What the rules say of one socket while a request is on its connection, each with a weight from 0 to 1 (see
/// <see cref="SocketRulesDetector"/>). Weights only grow.
/// </summary>
/// <param name="fromUnixNs">The request's start.</param>
/// <param name="before">What was last seen of the socket before.</param>
internal sealed class SocketRules(long fromUnixNs, KernelEvent? before)
{
    /// <summary>How often SNAP reads a socket's counters: a share is that of at least so long.</summary>
    private static readonly long PollNs = (long)TimeSpan.FromMilliseconds(500).TotalNanoseconds;

    /// <summary>How long a receiver waits at least with an acknowledgement that it delays (TCP_DELACK_MIN, include/net/tcp.h).</summary>
    private static readonly long DelayedAckNs = (long)TimeSpan.FromMilliseconds(40).TotalNanoseconds;

    // Congestion states (enum tcp_ca_state, include/uapi/linux/tcp.h) and errors (errno.h).
    private const byte Recovery = 3;
    private const byte Loss = 4;
    private const int Again = 11;
    private const ushort AddressNotAvailable = 99;
    private const ushort ConnectionRefused = 111;

    private readonly double[] _weights = new double[Enum.GetValues<SocketRule>().Length];
    private long _sentUnixNs;
    private Cause _connectCause = Cause.ConnectBlackhole;

    /// <summary>What the rule says so far.</summary>
    public double this[SocketRule rule] => _weights[(int)rule];

    /// <summary>What the rule takes for the cause; null where SNAP's classes are wider than any cause.</summary>
    public Cause? CauseOf(SocketRule rule) => rule switch
    {
        SocketRule.ConnectFailed => _connectCause,
        SocketRule.ListenFailed => Cause.SynackLoss,
        SocketRule.Timeout or SocketRule.FastRetransmit => Cause.PathLoss,
        SocketRule.RwndLimited => Cause.SlowReader,
        _ => null,
    };

    /// <summary>Takes in an event of the socket.</summary>
    public void Apply(in DatedKernelEvent dated)
    {
        ref readonly var e = ref dated.Event;
        if (e.Error != 0 || (e.Type is KernelEventType.Send or KernelEventType.Recv && e.Bytes < 0 && e.Bytes != -Again))
            Speak(SocketRule.SocketError);
        Limited(SocketRule.RwndLimited, e.RwndLimitedNs, before?.RwndLimitedNs ?? 0, dated.UnixNs);
        Limited(SocketRule.SndbufLimited, e.SndbufLimitedNs, before?.SndbufLimitedNs ?? 0, dated.UnixNs);
        switch (e.Type)
        {
            case KernelEventType.Connect when e.NewState != TcpState.Established:
                _connectCause = e.Error switch
                {
                    ConnectionRefused => Cause.NoListener,
                    AddressNotAvailable => Cause.PortExhaustion,
                    _ => Cause.ConnectBlackhole,
                };
                Speak(SocketRule.ConnectFailed);
                break;
            case KernelEventType.SynackRetransmit:
                Speak(SocketRule.ListenFailed);
                break;
            case KernelEventType.Retransmit:
                _sentUnixNs = 0;
                if (e.NewState == TcpState.SynSent || e.CaState == Loss)
                    Speak(SocketRule.Timeout);
                else if (e.CaState == Recovery)
                    Speak(SocketRule.FastRetransmit);
                break;
            case KernelEventType.Send when e.Bytes > 0:
                _sentUnixNs = dated.UnixNs;
                break;
            case KernelEventType.Acked when _sentUnixNs != 0 && dated.UnixNs - _sentUnixNs >= DelayedAckNs + (e.SrttUs * 1000L):
                Speak(SocketRule.DelayedAck);
                break;
            case KernelEventType.Close when e.Written > e.Acked:
                Speak(SocketRule.NoDataAcked);
                break;
        }
    }

    private void Limited(SocketRule rule, ulong nowNs, ulong beforeNs, long atUnixNs)
    {
        if (nowNs > beforeNs)
            _weights[(int)rule] = Math.Max(_weights[(int)rule], Math.Min(1, (nowNs - beforeNs) / (double)Math.Max(PollNs, atUnixNs - fromUnixNs)));
    }

    private void Speak(SocketRule rule) => _weights[(int)rule] = 1;
}

/// <summary>The rules, those that name a cause most surely first.</summary>
internal enum SocketRule
{
    /// <summary>A connect failed.</summary>
    ConnectFailed,

    /// <summary>A SYN-ACK was sent again: half-open connections that are not completed.</summary>
    ListenFailed,

    /// <summary>A segment was sent again since its timer ran out.</summary>
    Timeout,

    /// <summary>A segment was sent again since those after it were acknowledged.</summary>
    FastRetransmit,

    /// <summary>The share of time that sending waited for the peer's window.</summary>
    RwndLimited,

    /// <summary>The share of time that the network waited for room in the send buffer.</summary>
    SndbufLimited,

    /// <summary>An acknowledgement came late without anything being sent again.</summary>
    DelayedAck,

    /// <summary>The socket closed with bytes that were never acknowledged.</summary>
    NoDataAcked,

    /// <summary>The socket has an error, or a call on it ended with one.</summary>
    SocketError,
}
