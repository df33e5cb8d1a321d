using CrossLayer.Probe;

namespace CrossLayer.Actors.Connections;

/// <summary>A connect that did not come to a connection is an exchange of its own.</summary>
internal static class FailedConnect
{
    internal static Exchange At(SocketTrack socket, ExchangeId id, in KernelEvent failed, bool complete) => new()
    {
        NetnsCookie = id.NetnsCookie,
        SocketCookie = id.SocketCookie,
        Local = socket.Local,
        Peer = socket.Peer,
        IsServer = false,
        Ordinal = id.Ordinal,
        Pid = socket.Pid,
        Comm = socket.Comm,
        ConnectStartNs = (long)failed.SinceNs,
        ConnectEndNs = (long)failed.TimestampNs,
        FirstNs = (long)failed.SinceNs,
        ConnectError = failed.Error,
        SynRetransmits = socket.Handshake.SynRetransmits,
        PeerSynackRetransmits = socket.PeerSynackRetransmits,
        PeerSentReset = socket.PeerSentReset,
        EventCount = socket.Handshake.Events + 1,
        Complete = complete,
        LastNs = (long)failed.TimestampNs,
    };
}
