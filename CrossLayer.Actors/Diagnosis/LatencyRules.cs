using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>The request was slow: whose time was it?</summary>
internal static class LatencyRules
{
    /// <summary>
    /// The client's application gave up while the server's worked: its time, whatever became of the response. Where the work is
    /// expected to take long, the deadline was the client's own, and nothing is wrong but that.
    /// </summary>
    internal static Finding? GaveUpOnHandler(CaseFile c)
    {
        if (c is not { ClientRecord.Result: RequestResult.Timeout, Server: { RequestEndNs: { } read } server })
            return null;
        var workedMs = ((server.ResponseStartNs ?? c.Client?.ClosedNs ?? server.LastNs) - read) / 1e6;
        if (!c.IsMost(workedMs))
            return null;
        return !c.IsExpectedSlow ? Handler(c, workedMs) : Finding.Healthy with
        {
            Reason = $"The client's application reports {Words.Of(c.ClientRecord)}; the server's had worked on the request for {Words.Ms(workedMs)}, "
                + "which is expected to take long: the client's own deadline.",
        };
    }

    /// <summary>The sender waited for room in the receiver's window.</summary>
    internal static Finding? SlowReader(CaseFile c) => c.IsSlow && c.Ledger.RwndLimitedMs > 0 && c.IsMost(c.Ledger.RwndLimitedMs)
        ? Slow(c, Cause.SlowReader, BlindLayer.Application, 0.9,
            $"for {Words.Ms(c.Ledger.RwndLimitedMs)} response bytes waited for room in the reader's receive window: the reader's time, not the network's.")
        : null;

    /// <summary>The handshake took long because its packets were sent again.</summary>
    internal static Finding? SlowConnect(CaseFile c) => c.IsSlow && c.SynRetransmits > 0 && c.IsMost(c.Ledger.ConnectMs)
        ? Slow(c, c.Server is { SynRetransmits: > 0 } ? Cause.SynackLoss : Cause.PathLoss, BlindLayer.Application, 0.8,
            $"{Words.Ms(c.Ledger.ConnectMs)} went into opening the connection, with {Words.Count(c.SynRetransmits, "SYN or SYN-ACK")} sent again.")
        : null;

    /// <summary>Segments of the request or the response were sent again, and the time lies there.</summary>
    /// <remarks>A retransmit alone is no fault: the time that it cost has to explain what the application did not take.</remarks>
    internal static Finding? Retransmits(CaseFile c) =>
        c.IsSlow && c.Retransmits > 0 && !c.IsMost(c.Ledger.ApplicationMs) && c.Ledger.RecoveryMs >= (c.LatencyMs - (c.Ledger.ApplicationMs ?? 0)) / 2
            ? Slow(c, Cause.PathLoss, BlindLayer.Application, 0.8,
                $"{Words.Count(c.Retransmits, "segment")} had to be sent again, which took {Words.Ms(c.Ledger.RecoveryMs)}.")
            : null;

    /// <summary>The request lay at the server's socket before it was read.</summary>
    internal static Finding? UnreadRequest(CaseFile c) => c.IsSlow && c.IsMost(c.RequestWaitMs)
        ? Slow(c, Cause.ProcessStall, BlindLayer.Application, 0.7,
            $"{Words.Ms(c.RequestWaitMs)} passed before the server's application read the request, with nothing sent again.")
        : null;

    /// <summary>The server's application took its time; the kernel sees a quiet connection.</summary>
    internal static Finding? SlowHandler(CaseFile c)
    {
        if (!c.IsSlow)
            return null;
        if (c.IsMost(c.Ledger.ApplicationMs))
            return Handler(c, c.Ledger.ApplicationMs!.Value);
        // From the client alone the path's share cannot be told apart, but a quiet path leaves little else.
        if (c is { Server: null, Client: { RequestEndNs: { } sent, ResponseStartNs: { } answered } } && c.IsMost((answered - sent) / 1e6))
            return Slow(c, Cause.SlowHandler, BlindLayer.Kernel, 0.6,
                $"{Words.Ms(answered - sent)} passed between the request and the first byte of the response, with nothing sent again.");
        return null;
    }

    /// <summary>
    /// The client's application took its time before it sent the first byte, or after it had read the last: compiling, collecting
    /// garbage, waiting for a thread. Nobody else had a part in it, and no layer says otherwise.
    /// </summary>
    internal static Finding? ClientsOwnTime(CaseFile c)
    {
        if (!c.IsSlow || c is not { Window.ClientRecord: { StartNs: { } start, EndNs: { } end }, Client: { RequestStartNs: { } sent, ResponseEndNs: { } read } client })
            return null;
        // Opening the connection is not its own time, where that was a part of the request.
        var connect = client.ConnectStartNs >= start ? client.ConnectEndNs - client.ConnectStartNs ?? 0 : 0;
        var before = Math.Max(0, sent - start - connect);
        var after = Math.Max(0, end - read);
        return c.IsMost((before + after) / 1e6)
            ? Finding.Healthy with
            {
                Reason = $"The client's application took {Words.Ms(before / 1e6)} of its {Words.Ms(c.LatencyMs)} before it sent the first byte, "
                    + $"and {Words.Ms(after / 1e6)} after it had read the last: not the network's time, nor the server's.",
            }
            : null;
    }

    /// <summary>Slow, and no rule knows why.</summary>
    internal static Finding? SlowUnexplained(CaseFile c) => c.IsSlow
        ? Slow(c, Cause.Unknown, BlindLayer.Kernel, 0.2, "nothing that the kernel saw explains it.")
        : null;

    private static Finding Handler(CaseFile c, double applicationMs) => Slow(c, Cause.SlowHandler, BlindLayer.Kernel, 0.9,
        $"the server's application took {Words.Ms(applicationMs)} between reading the request and writing the response; the network was quiet.");

    private static Finding Slow(CaseFile c, Cause cause, BlindLayer blind, double confidence, string why) => new()
    {
        Verdict = Verdict.Discrepant,
        Cause = cause,
        BlindLayer = blind,
        Confidence = confidence,
        Reason = $"The application reports {Words.Of(c.Record!)}: {why}",
    };
}
