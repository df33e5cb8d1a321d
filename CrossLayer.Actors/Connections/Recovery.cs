using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// Time that one exchange lost to segments sent again. An episode begins when the lost bytes were first written, or with
/// the last acknowledgement before, whichever is later; it ends when they are acknowledged; a round trip of it would have
/// passed anyway (RFC 6298, RFC 8985).
/// </summary>
internal sealed class Recovery
{
    private long _startNs;
    private long _endOffset;
    private long _roundTripNs;
    private long _progressNs;
    private long _lostNs;
    private bool _open;

    /// <summary>Segments were sent again, and nothing new was acknowledged since.</summary>
    internal bool IsStuck { get; private set; }

    internal void Clear()
    {
        _startNs = _endOffset = _roundTripNs = _progressNs = _lostNs = 0;
        _open = IsStuck = false;
    }

    internal void Retransmit(in KernelEvent e, MarkList written)
    {
        IsStuck = true;
        _endOffset = Math.Max(_endOffset, (long)e.RangeStart + Math.Max(0, e.Bytes));
        if (_open)
            return;
        _open = true;
        _startNs = Math.Max(_progressNs, written.TimeOf((long)e.RangeStart) ?? (long)e.TimestampNs);
        _roundTripNs = e.SrttUs * 1000L;
    }

    internal void Progress(long ackedOffset, long nowNs)
    {
        IsStuck = false;
        _progressNs = nowNs;
        if (!_open || ackedOffset < _endOffset)
            return;
        _lostNs += Math.Max(0, nowNs - _startNs - _roundTripNs);
        _open = false;
    }

    /// <summary>All that was lost, if an episode that is still open ends now.</summary>
    internal long LostNs(long nowNs) => _lostNs + (_open ? Math.Max(0, nowNs - _startNs - _roundTripNs) : 0);
}
