using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>The application says that it answered; did the peer get the bytes?</summary>
internal static class DeliveryRules
{
    /// <summary>
    /// The response reached the peer's host and the peer closed without reading it: unread bytes at its close where
    /// that can be seen, else the reset that such a close sends (RFC 1122, 4.2.2.13).
    /// </summary>
    internal static Finding? ClosedUnread(CaseFile c)
    {
        if (!c.ServerSaysAnswered || c.ClientSaysAnswered)
            return null;
        if (c.Client is { ClosedNs: not null, UnreadBytes: > 0 } client)
            return Unread(c, 0.95, $"The client closed the connection with {Words.Bytes(client.UnreadBytes)} of the response unread"
                + (client.ResetSentNs is null ? "." : " and reset it."));
        // With the client's socket in sight and nothing unread there, the reset was a rude but complete end.
        if (c.Client is not { ClosedNs: not null } && c.Server is { ResetReceivedNs: { } reset, ResponseStartNs: { } start } && reset >= start)
            return Unread(c, 0.6, $"The peer reset the connection {Words.Ms(reset - start)} after the response was written.");
        return null;
    }

    /// <summary>
    /// The client left by its own wish before it had the answer, and nobody says otherwise: it had closed before the answer
    /// was written, or both layers agree.
    /// </summary>
    internal static Finding? ClientLeft(CaseFile c)
    {
        if (c.ClientRecord is { Result: RequestResult.Error, ErrorType: { } error } && error.Contains("cancel", StringComparison.OrdinalIgnoreCase))
            return Finding.Healthy;
        if (c.ClientRecord is null && c.Server is { ResetReceivedNs: not null, ResponseStartNs: { } answered } server
            && (c.Client is { ResetReceivedNs: null } client ? client.ClosedNs : server.FinReceivedNs) <= answered)
            return Finding.Healthy;
        var serverSaysFailed = c.ServerRecord is { Result: RequestResult.Error or RequestResult.Reset or RequestResult.Timeout };
        return serverSaysFailed && c.ClientRecord is null && (c.Server?.ResetReceivedNs ?? c.Server?.FinReceivedNs) is not null
            ? Finding.Healthy : null;
    }

    /// <summary>The server's own host reset the connection.</summary>
    internal static Finding? ResetByServer(CaseFile c) => c.Server is { ResetSentNs: not null } && !c.ClientSaysAnswered
        && (c.ClientRecord is not null || c.ServerRecord is { Result: RequestResult.Success })
        ? new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.ServerAbort,
            BlindLayer = c.ServerSaysAnswered ? BlindLayer.Application : BlindLayer.None,
            Confidence = 0.9,
            Reason = $"The server's host reset the connection{(c.ServerSaysAnswered ? $", though its application reports {Words.Of(c.ServerRecord!)}" : "")}.",
        }
        : null;

    /// <summary>The client received a reset; whether the server sent it is known only where the server's socket is in sight.</summary>
    internal static Finding? ResetReceived(CaseFile c)
    {
        if (c.Client is not { ResetReceivedNs: { } reset } client || c.ClientSaysAnswered)
            return null;
        // Long after the server's exchange was given up: what became of the response was decided before.
        if (c.Server is { UnackedBytes: > 0, ClosedNs: null } server && reset > server.LastNs + (long)c.Settings.Settle.TotalNanoseconds)
            return null;
        var injected = c.Server is { ResetSentNs: null };
        return new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = injected ? Cause.InjectedReset : Cause.ServerAbort,
            BlindLayer = injected ? BlindLayer.Application : BlindLayer.None,
            Confidence = injected ? 0.8 : 0.5,
            Reason = injected
                ? $"A reset came to {client.Local} in the name of {client.Peer}, whose socket sent none."
                : $"{client.Peer} reset the connection.",
        };
    }

    /// <summary>Written, reported as a success, and never acknowledged.</summary>
    internal static Finding? NeverAcknowledged(CaseFile c)
    {
        if (c.Server is not { UnackedBytes: > 0 } server || !c.ServerSaysAnswered || c.ClientSaysAnswered || c.CutShort)
            return null;
        var lost = server.Retransmits > 0;
        return new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = lost ? Cause.SilentResponseLoss : Cause.Unknown,
            BlindLayer = BlindLayer.Application,
            Confidence = lost ? 0.95 : 0.4,
            Reason = $"The server's application reports {Words.Of(c.ServerRecord!)}; {Words.Bytes(server.UnackedBytes)} of the response's "
                + $"{Words.Bytes(server.Response.Length)} were never acknowledged, "
                + (lost ? $"with {Words.Count(server.Retransmits, "segment")} sent again."
                    : "and not sent again either: the peer's window is closed, or this host drops its own packets."),
        };
    }

    /// <summary>The application counts more bytes than went onto the connection.</summary>
    internal static Finding? ShortResponse(CaseFile c)
    {
        if (c is not { ServerRecord.ResponseBytes: { } reported, Server: { } server } || c.CutShort || reported <= server.Response.Length)
            return null;
        return new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.ShortResponse,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.8,
            Reason = $"The server's application reports a response of {Words.Bytes(reported)}; the kernel was given {Words.Bytes(server.Response.Length)}.",
        };
    }

    private static Finding Unread(CaseFile c, double confidence, string what) => new()
    {
        Verdict = Verdict.Discrepant,
        Cause = Cause.UnreadClose,
        BlindLayer = BlindLayer.Application,
        Confidence = confidence,
        Reason = $"The server's application reports {Words.Of(c.ServerRecord!)}, but the response was never read. {what}",
    };
}
