using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Histories;

/// <summary>One end of a modelled connection: what its thread has done so far, and what its kernel would report.</summary>
internal sealed class ModelSocket(ulong cookie, SocketRole role, Endpoint local, Endpoint peer)
{
    internal ulong Cookie => cookie;
    internal Endpoint Local => local;
    internal Endpoint Peer => peer;

    // The thread, as the story is told.
    internal long FreeNs;
    internal long Put;
    internal long Read;
    internal readonly List<(long Offset, long AtNs)> Arrivals = [];

    // The kernel, as time passes.
    internal ulong Written;
    internal ulong Acked;
    internal ulong Received;
    internal ulong Copied;
    internal bool FinReceived;

    internal KernelEvent Event(long atNs, KernelEventType type, int bytes, long sinceNs) => new()
    {
        Type = type,
        TimestampNs = (ulong)atNs,
        SinceNs = (ulong)sinceNs,
        SocketCookie = cookie,
        NetnsCookie = 1,
        Role = role,
        Local = local,
        Peer = peer,
        Pid = role == SocketRole.Active ? 11u : 22u,
        Comm = CommName.From(role == SocketRole.Active ? "curl" : "nginx"),
        OldState = TcpState.Established,
        NewState = TcpState.Established,
        Bytes = bytes,
        Written = Written,
        Acked = Acked,
        Received = Received,
        Copied = Copied,
        Flags = FinReceived ? StreamFlags.FinReceived : 0,
    };
}
