using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Journal.Mapping;

/// <summary>An exchange to and from its stored form.</summary>
internal static class ExchangeMapping
{
    public static Wire.Exchange ToWire(this Exchange exchange)
    {
        var wire = new Wire.Exchange
        {
            NetnsCookie = exchange.NetnsCookie,
            SocketCookie = exchange.SocketCookie,
            Local = exchange.Local.ToWire(),
            Peer = exchange.Peer.ToWire(),
            IsServer = exchange.IsServer,
            Ordinal = exchange.Ordinal,
            Pid = exchange.Pid,
            Comm = exchange.Comm,
            FirstNs = exchange.FirstNs,
            LastNs = exchange.LastNs,
            Request = exchange.Request.ToWire(),
            Response = exchange.Response.ToWire(),
            EventCount = exchange.EventCount,
            Complete = exchange.Complete,
            Retransmits = exchange.Retransmits,
            UnackedBytes = exchange.UnackedBytes,
            UnreadBytes = exchange.UnreadBytes,
            SynRetransmits = exchange.SynRetransmits,
            Drops = exchange.Drops,
            EgressDrops = exchange.EgressDrops,
            RepeatedRetransmits = exchange.RepeatedRetransmits,
            PausedNs = exchange.PausedNs,
            RequestGapNs = exchange.RequestGapNs,
            Summarised = exchange.Summarised,
            RttNs = exchange.RttNs,
            LeastRttNs = exchange.LeastRttNs,
            PeerSynackRetransmits = exchange.PeerSynackRetransmits,
            RwndLimitedNs = exchange.RwndLimitedNs,
            SndbufLimitedNs = exchange.SndbufLimitedNs,
            RecoveryNs = exchange.RecoveryNs,
            Shared = exchange.Shared,
        };
        if (exchange.ConnectStartNs is { } connectStart)
            wire.ConnectStartNs = connectStart;
        if (exchange.ConnectEndNs is { } connectEnd)
            wire.ConnectEndNs = connectEnd;
        if (exchange.RequestStartNs is { } requestStart)
            wire.RequestStartNs = requestStart;
        if (exchange.RequestEndNs is { } requestEnd)
            wire.RequestEndNs = requestEnd;
        if (exchange.ResponseStartNs is { } responseStart)
            wire.ResponseStartNs = responseStart;
        if (exchange.ResponseEndNs is { } responseEnd)
            wire.ResponseEndNs = responseEnd;
        if (exchange.AckedNs is { } acked)
            wire.AckedNs = acked;
        if (exchange.ClosedNs is { } closed)
            wire.ClosedNs = closed;
        if (exchange.FinReceivedNs is { } finReceived)
            wire.FinReceivedNs = finReceived;
        if (exchange.ResetReceivedNs is { } resetReceived)
            wire.ResetReceivedNs = resetReceived;
        if (exchange.ResetSentNs is { } resetSent)
            wire.ResetSentNs = resetSent;
        if (exchange.ConnectError is { } error)
            wire.ConnectError = error;
        if (exchange.IdleNs is { } idle)
            wire.IdleNs = idle;
        if (exchange.PeerSentReset is { } peerSentReset)
            wire.PeerSentReset = peerSentReset;
        return wire;
    }

    public static Exchange FromWire(this Wire.Exchange wire) => new()
    {
        NetnsCookie = wire.NetnsCookie,
        SocketCookie = wire.SocketCookie,
        Local = (wire.Local ?? throw JournalFormatException.Missing("exchange.local")).FromWire(),
        Peer = (wire.Peer ?? throw JournalFormatException.Missing("exchange.peer")).FromWire(),
        IsServer = wire.IsServer,
        Ordinal = wire.Ordinal,
        Pid = wire.Pid,
        Comm = wire.Comm,
        FirstNs = wire.FirstNs,
        LastNs = wire.LastNs,
        Request = wire.Request.FromWire(),
        Response = wire.Response.FromWire(),
        EventCount = wire.EventCount,
        Complete = wire.Complete,
        Retransmits = wire.Retransmits,
        ConnectStartNs = wire.HasConnectStartNs ? wire.ConnectStartNs : null,
        ConnectEndNs = wire.HasConnectEndNs ? wire.ConnectEndNs : null,
        RequestStartNs = wire.HasRequestStartNs ? wire.RequestStartNs : null,
        RequestEndNs = wire.HasRequestEndNs ? wire.RequestEndNs : null,
        ResponseStartNs = wire.HasResponseStartNs ? wire.ResponseStartNs : null,
        ResponseEndNs = wire.HasResponseEndNs ? wire.ResponseEndNs : null,
        AckedNs = wire.HasAckedNs ? wire.AckedNs : null,
        UnackedBytes = wire.UnackedBytes,
        UnreadBytes = wire.UnreadBytes,
        ClosedNs = wire.HasClosedNs ? wire.ClosedNs : null,
        ResetReceivedNs = wire.HasResetReceivedNs ? wire.ResetReceivedNs : null,
        ResetSentNs = wire.HasResetSentNs ? wire.ResetSentNs : null,
        ConnectError = wire.HasConnectError ? wire.ConnectError : null,
        SynRetransmits = wire.SynRetransmits,
        Drops = wire.Drops,
        EgressDrops = wire.EgressDrops,
        RepeatedRetransmits = wire.RepeatedRetransmits,
        IdleNs = wire.HasIdleNs ? wire.IdleNs : null,
        PausedNs = wire.PausedNs,
        RequestGapNs = wire.RequestGapNs,
        Summarised = wire.Summarised,
        RttNs = wire.RttNs,
        LeastRttNs = wire.LeastRttNs,
        PeerSentReset = wire.HasPeerSentReset ? wire.PeerSentReset : null,
        PeerSynackRetransmits = wire.PeerSynackRetransmits,
        RwndLimitedNs = wire.RwndLimitedNs,
        SndbufLimitedNs = wire.SndbufLimitedNs,
        RecoveryNs = wire.RecoveryNs,
        Shared = wire.Shared,
        FinReceivedNs = wire.HasFinReceivedNs ? wire.FinReceivedNs : null,
    };

    private static Wire.ByteRange? ToWire(this ByteRange range) =>
        range == default ? null : new Wire.ByteRange { Start = range.Start, End = range.End };

    private static ByteRange FromWire(this Wire.ByteRange? range) =>
        range is null ? default : new ByteRange(range.Start, range.End);
}
