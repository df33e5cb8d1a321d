using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// How far the two streams of one socket were seen, in offsets, and what is in them that nobody told of: calls that were lost, and calls
/// that have not returned yet.
/// </summary>
/// <remarks>
/// A call is told of when it returns. Between its work and that, its thread may be interrupted, on a kernel that preempts itself or on a
/// processor that a hypervisor takes away. The peer goes on, and another thread calls meanwhile: what this one's event says of the other
/// stream (<see cref="KernelEvent.Written"/>, <see cref="KernelEvent.Copied"/>) is further than what was told of it.
/// </remarks>
internal struct SeenStreams
{
    private long _written;
    private long _copied;
    private (long Sent, long Received)? _told;
    private long _ahead;
    private bool _mayHaveMissed;

    /// <summary>Events were lost: what is in the streams and was not told may be of those.</summary>
    internal void MarkLoss() => _mayHaveMissed = true;

    /// <summary>After a loss: there are bytes between what was seen last and the event's own.</summary>
    internal readonly bool Missed(in KernelEvent e) =>
        _mayHaveMissed && e.SocketCookie != 0 && Before(in e) is var (sent, received) && (sent > _written || received > _copied);

    /// <summary>Where each stream stood before the event's own bytes, and those of calls that have not returned.</summary>
    internal readonly (long Sent, long Received) StartOf(in KernelEvent e)
    {
        var (sent, received) = Before(in e);
        if (_mayHaveMissed || _told is not { } told)
            return (sent, received);
        return e.Type == KernelEventType.Send ? (sent, Math.Min(received, told.Received)) : (Math.Min(sent, told.Sent), received);
    }

    /// <summary>How many bytes were sent before the event, though no send that has returned brought them; 0 where a lost one may have.</summary>
    internal readonly int Untold(in KernelEvent e) =>
        e is { Type: KernelEventType.Recv, Bytes: > 0, Role: not SocketRole.Unknown } && (e.Flags & StreamFlags.Summarised) == 0
        && !_mayHaveMissed && _told is { } told && (long)e.Written > told.Sent ? (int)Math.Min(int.MaxValue, (long)e.Written - told.Sent) : 0;

    /// <summary>The offset up to which a send's bytes, or those it began with, were taken in before it returned; null if none were.</summary>
    internal readonly long? TakenOf(in KernelEvent send) =>
        send is { Type: KernelEventType.Send, Bytes: > 0 } && Before(in send).Sent < _ahead ? Math.Min((long)send.Written, _ahead) : null;

    /// <summary>What was sent before the event is taken in.</summary>
    internal void TakeUntold(in KernelEvent e)
    {
        _ahead = (long)e.Written;
        _told = (_ahead, _told!.Value.Received);
    }

    /// <summary>An exchange begins, and says whether it is a part: what was missed before is done with.</summary>
    internal void BeginExchange(bool lossActive)
    {
        if (_mayHaveMissed)
            _told = null;
        _mayHaveMissed &= lossActive;
    }

    /// <summary>Takes in an event of the socket.</summary>
    internal void Apply(in KernelEvent e, bool lossActive)
    {
        var before = Before(in e);
        var (sent, received) = _told ?? (e.Type is KernelEventType.Connect or KernelEventType.Accept ? default : before);
        // Both streams have come to where they were told to be: what was lost moved neither.
        if (before.Sent <= sent && before.Received <= received)
            _mayHaveMissed &= lossActive;
        if (e is { Type: KernelEventType.Send, Bytes: > 0 })
            sent = Math.Max(sent, (long)e.Written);
        else if (e is { Type: KernelEventType.Recv, Bytes: > 0 })
            received = Math.Max(received, (long)e.Copied);
        _told = (sent, received);
        (_written, _copied) = (Math.Max(_written, (long)e.Written), Math.Max(_copied, (long)e.Copied));
    }

    private static (long Sent, long Received) Before(in KernelEvent e) => (
        (long)e.Written - (e.Type == KernelEventType.Send ? Math.Max(0, e.Bytes) : 0), (long)e.Copied - (e.Type == KernelEventType.Recv ? Math.Max(0, e.Bytes) : 0));
}
