using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>The connection did not come about.</summary>
internal static class ConnectRules
{
    private const int ConnectionRefused = 111; // ECONNREFUSED

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
