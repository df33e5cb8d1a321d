using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>The request was slow: whose time was it?</summary>
internal static class LatencyRules
{
    /// <summary>So often in a row one segment is hardly lost by chance: at a loss of 20 % once in 600 times.</summary>
    private const int Blackout = 3;

    /// <summary>A path's queue shows where a round trip takes so much longer than the shortest.</summary>
    internal const int QueueFactor = 4;

    internal static readonly long LeastQueueNs = (long)TimeSpan.FromMilliseconds(20).TotalNanoseconds;
    private static readonly long LongSilenceNs = (long)TimeSpan.FromMilliseconds(500).TotalNanoseconds;

    /// <summary>The connection was silent for longer than any round trip before the exchange.</summary>
    internal static bool SilentForLong(Exchange client) => client.IdleNs >= LongSilenceNs;

    /// <summary>Something on the way has forgotten the connection.</summary>
    internal static Finding Forgotten(CaseFile c, Exchange client) => new()
    {
        Verdict = Verdict.Discrepant,
        Cause = Cause.IdleConnectionDrop,
        BlindLayer = BlindLayer.Application,
        Confidence = 0.75,
        Reason = $"The application reports {Words.Of(c.Record!)}: the connection had been silent for {Words.Ms(client.IdleNs)}, and then nothing came through, "
            + $"with {Words.Count(client.Retransmits, "segment")} sent again: something on the way has forgotten it.",
    };

    /// <summary>An end's own host dropped its packets.</summary>
    internal static Finding DroppedByOwnHost(CaseFile c) => Slow(c, Cause.LocalEgressDrop, BlindLayer.Application, 0.9,
        $"{Words.Count(c.EgressDrops, "packet")} of the connection never left {(c.Server is { EgressDrops: > 0 } ? "the server's" : "the client's")} host, which dropped "
        + $"{(c.EgressDrops == 1 ? "it" : "them")} on the way out.");

    /// <summary>In words, how round trips have grown; null where they have not.</summary>
    private static string? Queued(CaseFile c)
    {
        var slowest = c.Server is { RttNs: > 0 } server ? server : c.Client;
        return slowest is { LeastRttNs: > 0 } seen && seen.RttNs >= LeastQueueNs && seen.RttNs >= QueueFactor * seen.LeastRttNs
            ? $"a round trip took up to {Words.Ms(seen.RttNs)}, where the connection's shortest took {Words.Ms(seen.LeastRttNs)}"
            : null;
    }

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

    /// <summary>The response waited for room in the client's window.</summary>
    internal static Finding? SlowReader(CaseFile c) => c.IsSlow && c.ResponseBlockedMs > 0 && c.IsMost(c.ResponseBlockedMs)
        ? Slow(c, Cause.SlowReader, BlindLayer.Application, 0.9,
            $"for {Words.Ms(c.ResponseBlockedMs)} response bytes waited for room in the reader's receive window: the reader's time, not the network's.")
        : null;

    /// <summary>
    /// The request waited for room in the server's window, most of it in one piece: the server's application stood still amid the request.
    /// Many short waits are no stall: whoever sends faster than the other reads has them, and so many bytes take their time.
    /// </summary>
    internal static Finding? StalledAmidRequest(CaseFile c)
    {
        if (!c.IsSlow || !c.IsMost(c.RequestBlockedMs) || (c.Server ?? c.Client)?.RequestGapNs / 1e6 is not { } gapMs || !c.IsMost(gapMs))
            return null;
        return Slow(c, Cause.ProcessStall, BlindLayer.Application, 0.8,
            $"for {Words.Ms(c.RequestBlockedMs)} request bytes waited for room in the server's receive window, and for {Words.Ms(gapMs)} on end "
            + (c.Server is null ? "none could be written." : "its application read none."));
    }

    /// <summary>The handshake took long because its packets were sent again.</summary>
    internal static Finding? SlowConnect(CaseFile c) => c.IsSlow && c.SynRetransmits > 0 && c.IsMost(c.Ledger.ConnectMs)
        ? Slow(c, c.Server is { SynRetransmits: > 0 } ? Cause.SynackLoss : Cause.PathLoss, BlindLayer.Application, 0.8,
            $"{Words.Ms(c.Ledger.ConnectMs)} went into opening the connection, with {Words.Count(c.SynRetransmits, "SYN or SYN-ACK")} sent again.")
        : null;

    /// <summary>An end's own host dropped packets of the request on their way out: no segment counts as sent again, and time passes.</summary>
    internal static Finding? EgressDrop(CaseFile c) =>
        c.IsSlow && c.EgressDrops > 0 && !c.IsMost(c.Ledger.ApplicationMs) ? DroppedByOwnHost(c) : null;

    /// <summary>A connection that was silent for a while was dead when it was used again: nothing came through, again and again.</summary>
    internal static Finding? ForgottenConnection(CaseFile c) => c.IsSlow && c.Client is { RepeatedRetransmits: >= Blackout } client && SilentForLong(client)
        && c.Ledger.RecoveryMs >= c.LatencyMs / 2 ? Forgotten(c, client) : null;

    /// <summary>Nothing of the response came through, again and again, until it did.</summary>
    internal static Finding? ResponseBlackout(CaseFile c) => c.IsSlow && c.Server is { RepeatedRetransmits: >= Blackout } server
        && c.Ledger.RecoveryMs >= c.LatencyMs / 2
            ? Slow(c, Cause.SilentResponseLoss, BlindLayer.Application, 0.7,
                $"one and the same segment of the response was sent again {Words.Count(server.RepeatedRetransmits, "time")} before it came through, which took {Words.Ms(c.Ledger.RecoveryMs)}.")
            : null;

    /// <summary>Segments of the request or the response were sent again, and the time lies there.</summary>
    /// <remarks>
    /// A retransmit alone is no fault: the time that it cost has to explain what the application did not take. Where round trips
    /// have grown, it was a queue that ran over.
    /// </remarks>
    internal static Finding? Retransmits(CaseFile c)
    {
        if (!c.IsSlow || c.Retransmits == 0 || c.IsMost(c.Ledger.ApplicationMs) || !(c.Ledger.RecoveryMs >= (c.LatencyMs - (c.Ledger.ApplicationMs ?? 0)) / 2))
            return null;
        var queued = Queued(c);
        return Slow(c, queued is null ? Cause.PathLoss : Cause.Congestion, BlindLayer.Application, queued is null ? 0.8 : 0.75,
            $"{Words.Count(c.Retransmits, "segment")} had to be sent again, which took {Words.Ms(c.Ledger.RecoveryMs)}"
            + (queued is null ? "." : $"; {queued}: a queue on the way ran over."));
    }

    /// <summary>Round trips have grown far beyond the connection's shortest: packets wait on the way.</summary>
    internal static Finding? Queueing(CaseFile c) => c.IsSlow && !c.IsMost(c.Ledger.ApplicationMs) && Queued(c) is { } queued
        ? Slow(c, Cause.Congestion, BlindLayer.Application, 0.75, $"{queued}, and neither end's window or buffer held the bytes up.")
        : null;

    /// <summary>The request lay at the server's socket before it was read.</summary>
    internal static Finding? UnreadRequest(CaseFile c) => c.IsSlow && c.IsMost(c.RequestWaitMs)
        && (c.Client is null or { Retransmits: 0 } || c.Server is { SynRetransmits: > 0 })
        && !(!c.IsMost(c.Ledger.AcceptWaitMs) && c.Client is { AckedNs: { } acked, RequestEndNs: { } sent, Request.Length: > 0 } && (acked - sent) / 1e6 > c.RequestWaitMs / 2)
        ? Slow(c, Cause.ProcessStall, BlindLayer.Application, 0.7,
            $"{Words.Ms(c.RequestWaitMs)} passed before the server's application read the request, with nothing sent again.")
        : null;

    /// <summary>The bytes were under way for most of the time, and nothing else held them up.</summary>
    internal static Finding? SlowPath(CaseFile c)
    {
        // The peer's host had them when it acknowledged the last; what its application did with them is its own time.
        if (!c.IsSlow || c is not { Server: { AckedNs: { } got, ResponseStartNs: { } written } })
            return null;
        var underWayMs = (got - written) / 1e6 - c.ResponseBlockedMs;
        return c.IsMost(underWayMs + (c.SynRetransmits == 0 ? c.Ledger.ConnectMs ?? 0 : 0))
            ? Slow(c, Cause.Congestion, BlindLayer.Application, 0.5,
                $"the response's {Words.Bytes(c.Server!.Response.Length)} were under way for {Words.Ms(underWayMs)}, and neither end's window or buffer held them up.")
            : null;
    }

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
        // What its host had acknowledged and it had not read yet was its own time as well.
        var after = Math.Max(0, end - Math.Min(read, Math.Max(c.Server?.AckedNs ?? read, c.Server?.ResponseEndNs ?? read)));
        return c.IsMost((before + client.PausedNs + after) / 1e6)
            ? Finding.Healthy with
            {
                Reason = $"The client's application took {Words.Ms(before / 1e6)} of its {Words.Ms(c.LatencyMs)} before it sent the first byte, "
                    + (client.PausedNs > 0 ? $"{Words.Ms(client.PausedNs)} in pauses between its writes, " : "")
                    + $"and {Words.Ms(after / 1e6)} after it had read the last: not the network's time, nor the server's.",
            }
            : null;
    }

    /// <summary>
    /// Most of the time passed from the request's first byte being written to its last, and nothing that holds bytes up, neither loss nor
    /// queue nor one long wait for the server's application, took most of it: so many bytes take their time, and no layer says otherwise.
    /// </summary>
    internal static Finding? LongRequest(CaseFile c) => c.IsSlow && c.IsMost(c.WritingMs)
        ? Finding.Healthy with
        {
            Reason = $"The client's application wrote the request's {Words.Bytes(c.Client!.Request.Length)} for {Words.Ms(c.WritingMs)} of its {Words.Ms(c.LatencyMs)}, "
                + (c.IsMost(c.RequestBlockedMs) ? $"{Words.Ms(c.RequestBlockedMs)} of it as the server's application read them, in many short waits: no stall, no loss, no queue."
                    : "and nothing held them up for most of it: no closed window, no loss, no queue."),
        }
        : null;

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
