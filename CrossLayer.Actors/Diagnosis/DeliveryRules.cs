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
        // Bytes that wait unread at the client's close came before it, even where the hook told of their send, as that returned, a little later.
        if (c.ClientRecord is null && c.Client is not { UnreadBytes: > 0 } && c.Server is { ResetReceivedNs: not null, ResponseStartNs: { } answered } server
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
        // After the client's application had given up: no more than the echo of that.
        if (c.ClientDoneNs < reset || client.ClosedNs < reset)
            return null;
        // Long after the server's exchange was given up: what became of the response was decided before.
        if (c.Server is { UnackedBytes: > 0, ClosedNs: null } server && reset > server.LastNs + (long)c.Settings.Settle.TotalNanoseconds)
            return null;
        var injected = client.PeerSentReset is { } sent ? !sent : c.Server is { ResetSentNs: null };
        return new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = injected ? Cause.InjectedReset : Cause.ServerAbort,
            BlindLayer = injected ? BlindLayer.Application : BlindLayer.None,
            Confidence = injected ? 0.9 : client.PeerSentReset == true ? 0.8 : 0.5,
            Reason = injected
                ? $"A reset came to {client.Local} in the name of {client.Peer}, whose socket sent none."
                : $"{client.Peer} reset the connection.",
        };
    }

    /// <summary>Written, reported as a success, and not acknowledged: ever, or until the client's application had given up.</summary>
    internal static Finding? NeverAcknowledged(CaseFile c)
    {
        var gaveUp = c.ClientSaysFailed && c.Server is { ResponseStartNs: { } written } && written < c.ClientDoneNs;
        if (c.Server is not { UnackedBytes: > 0 } server || !(c.ServerSaysAnswered || gaveUp) || c.ClientSaysAnswered || (c.CutShort && !gaveUp))
            return null;
        if (c.OnlyGoodbyeIsUnacked)
            return null;
        var lost = server.Retransmits > 0;
        var dropped = server.EgressDrops > 0;
        return new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = dropped ? Cause.LocalEgressDrop : lost ? Cause.SilentResponseLoss : Cause.Unknown,
            BlindLayer = BlindLayer.Application,
            Confidence = dropped ? 0.9 : lost ? 0.95 : 0.4,
            Reason = $"{(c.ServerRecord is { } record ? $"The server's application reports {Words.Of(record)}" : "The server's application answered")}; "
                + $"{Words.Bytes(server.UnackedBytes)} of the response's {Words.Bytes(server.Response.Length)} were never acknowledged, "
                + (dropped ? $"and the server's own host dropped {Words.Count(server.EgressDrops, "packet")} on the way out."
                    : lost ? $"with {Words.Count(server.Retransmits, "segment")} sent again."
                    : "and not sent again either: the peer's window is closed, or this host drops its own packets."),
        };
    }

    /// <summary>The request went out again and again, and nothing of it was acknowledged before the client's application gave up.</summary>
    internal static Finding? RequestNeverArrived(CaseFile c)
    {
        if (!c.ClientSaysFailed || c.Client is not { UnackedBytes: > 0, Retransmits: > 0, ResetReceivedNs: null } client || c.Server is { Response.Length: > 0 })
            return null;
        if (client.EgressDrops > 0)
            return LatencyRules.DroppedByOwnHost(c);
        return LatencyRules.SilentForLong(client)
            ? LatencyRules.Forgotten(c, client)
            : new Finding
            {
                Verdict = Verdict.Discrepant,
                Cause = Cause.PathLoss,
                BlindLayer = BlindLayer.Application,
                Confidence = 0.7,
                Reason = $"The client's application reports {Words.Of(c.ClientRecord!)}; {Words.Bytes(client.UnackedBytes)} of the request were never acknowledged, "
                    + $"with {Words.Count(client.Retransmits, "segment")} sent again.",
            };
    }

    /// <summary>The server's host acknowledged the request, and its application did not read it before the client's gave up.</summary>
    internal static Finding? NeverRead(CaseFile c)
    {
        if (!c.ClientSaysFailed || c.Client is not { UnackedBytes: 0, Request.Length: > 0, Response.Length: 0, ResetReceivedNs: null } client)
            return null;
        // At the server nothing was read, or only when it was too late. Where its socket is not in sight, a handler may be at work.
        var read = c.Server?.RequestStartNs;
        if (c.Server is null ? client.PeerSentReset is null : read is not null && read < c.ClientDoneNs - (c.LatencyMs * 1e6 / 2))
            return null;
        return new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.ProcessStall,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.8,
            Reason = $"The client's application reports {Words.Of(c.ClientRecord!)}; the server's host had acknowledged the request, and its application did not read it.",
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
