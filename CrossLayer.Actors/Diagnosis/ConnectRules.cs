using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>The connection did not come about.</summary>
internal static class ConnectRules
{
    private const int ConnectionRefused = 111; // ECONNREFUSED

    /// <summary>EADDRNOTAVAIL as .NET, errno(3), Go and Java call it.</summary>
    private static readonly string[] NoPortErrors =
        ["AddressNotAvailable", "EADDRNOTAVAIL", "cannot assign requested address", "Cannot assign requested address"];

    /// <summary>The peer's host answered the SYN with a reset: nobody listens. Both layers see it.</summary>
    internal static Finding? Refused(CaseFile c) => c.Client is not { ConnectError: ConnectionRefused } client
        ? null
        : new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.NoListener,
            BlindLayer = BlindLayer.None,
            Confidence = 0.95,
            Reason = $"{client.Peer} answered the connection attempt with a reset after "
                + $"{Words.Ms(client.ConnectEndNs - client.ConnectStartNs)}: nobody listens there. Both layers agree.",
        };

    /// <summary>The peer's host answered the SYN, again and again, and the answer never came.</summary>
    internal static Finding? AnswerLost(CaseFile c) => c.Client is not { ConnectError: not null, PeerSynackRetransmits: > 0 } client
        ? null
        : new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.SynackLoss,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.9,
            Reason = $"The connection was given up after {Words.Ms(client.ConnectEndNs - client.ConnectStartNs)}, though {client.Peer} answered: "
                + $"{Words.Count(client.PeerSynackRetransmits, "SYN-ACK")} sent again, of which none arrived.",
        };

    /// <summary>There was no local port to connect from; nothing was sent.</summary>
    internal static Finding? NoPort(CaseFile c) =>
        c.ClientRecord is not { ErrorType: { } error } || !NoPortErrors.Contains(error) || c.Client is { Local.Port: not 0 }
            ? null
            : new Finding
            {
                Verdict = Verdict.Discrepant,
                Cause = Cause.PortExhaustion,
                BlindLayer = BlindLayer.None,
                Confidence = 0.9,
                Reason = $"The client's application reports {Words.Of(c.ClientRecord)}: its host had no local port left, and sent nothing.",
            };

    /// <summary>The SYN stayed without an answer until the kernel or the application gave up.</summary>
    internal static Finding? NoAnswer(CaseFile c) => c.Client is not { ConnectError: not null } client
        ? null
        : new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.ConnectBlackhole,
            BlindLayer = BlindLayer.Application,
            Confidence = client.SynRetransmits > 0 ? 0.7 : 0.4,
            Reason = $"No answer came from {client.Peer} in {Words.Ms(client.ConnectEndNs - client.ConnectStartNs)}, "
                + $"with {Words.Count(client.SynRetransmits, "SYN")} sent again: the packets vanish on the way or at the peer.",
        };
}
