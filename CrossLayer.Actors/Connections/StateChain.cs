using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>The states that one socket was told to be in, each of which begins where the last one ended.</summary>
internal struct StateChain
{
    private TcpState _known;

    /// <summary>Events were lost: which state it is in is not known.</summary>
    internal void Forget() => _known = default;

    /// <summary>A socket that is older than the probe was found in a state.</summary>
    internal void Find(TcpState state) => _known = _known == default ? state : _known;

    /// <summary>
    /// Takes in an event of the socket. True if the socket left a state, or its end found it in one, that nobody told of: something passed
    /// unseen, such as the reset or FIN that changed it. Others than these events may tell of a state while it changes, and say nothing of
    /// the order.
    /// </summary>
    internal bool IsBrokenBy(in KernelEvent e)
    {
        if (e.SocketCookie == 0)
            return false;
        var known = _known;
        var changes = e.Type is KernelEventType.State or KernelEventType.Connect or KernelEventType.Accept;
        if (changes || known == default)
            _known = e.NewState;
        return known != default && e.OldState != known && e.Type is KernelEventType.State or KernelEventType.Close;
    }
}
