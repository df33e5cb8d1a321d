using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>Whether there is enough to compare.</summary>
internal static class EvidenceRules
{
    private const string LossNear = "kernel events were lost shortly before or after: which records and exchanges belong together is not sure";

    /// <summary>A kind of fault could have passed unseen: whatever the rest looks like proves nothing.</summary>
    internal static Finding? MissingHook(CaseFile c) => c.Closing.Coverage.MissingBy(c.Closing.AtNs) is { } missing ? Finding.Inconclusive(missing) : null;

    /// <summary>One layer is missing, or part of the kernel's view was lost.</summary>
    internal static Finding? NothingToCompare(CaseFile c)
    {
        if (c.Client is null && c.Server is null)
            return NoExchange(c);
        if (c is { Client.Complete: false } or { Server.Complete: false })
            return Finding.Inconclusive(
                c.Closing.Coverage.Gap((c.Client ?? c.Server)!.FirstNs, (c.Client ?? c.Server)!.LastNs)
                ?? (c is { Client: { Complete: false, Summarised: true } } or { Server: { Complete: false, Summarised: true } }
                    ? "the kernel told of the request in a summary, and of others in the same, or the connection is older than the probe: which bytes came when is not sure"
                    : null)
                ?? "the connection is older than the probe, or events of it were lost before: the request may be seen only in part");
        return c.Record is not null ? null : Unclaimed(c, $"The kernel saw an exchange on {(c.Client ?? c.Server)!.Connection} that no application reported, "
            + $"though the {(c.Closing.Reporters.HasFlag(Roles.Server) ? "server" : "client")}'s reports its requests.");
    }

    /// <summary>One side's application reports its requests, the other side's reports this one, and it does not.</summary>
    internal static Finding? NotLogged(CaseFile c)
    {
        if ((c.Server ?? c.Client) is not { Request.Length: > 0, Response.Length: > 0 })
            return null;
        if (c.ServerRecord is null && c.Closing.Reporters.HasFlag(Roles.Server))
            return Unclaimed(c, $"The client's application reports {Words.Of(c.ClientRecord!)} and the kernel saw the exchange; "
                + "the server's application, which reports its requests, does not know it.");
        if (c.ClientRecord is null && c.Closing.Reporters.HasFlag(Roles.Client))
            return Unclaimed(c, $"The server's application reports {Words.Of(c.ServerRecord!)} and the kernel saw the exchange; "
                + "the client's application, which reports the connection's requests, does not know it.");
        return null;
    }

    /// <summary>What several requests share proves nothing about one of them.</summary>
    internal static Finding Limit(CaseFile c, Finding finding)
    {
        const double most = 0.5;
        return finding.Verdict != Verdict.Discrepant || c is not ({ Client.Shared: true } or { Server.Shared: true }) ? finding
            : finding with
            {
                Confidence = Math.Min(finding.Confidence, most),
                Reason = $"{finding.Reason} The evidence is shared by the requests that were on the connection at the time.",
            };
    }

    /// <summary>The record that is missing may have gone to an exchange that was seen in part.</summary>
    private static Finding Unclaimed(CaseFile c, string reason) => (c.Client ?? c.Server) is { } exchange && c.IsLossNear(exchange.FirstNs, exchange.LastNs)
        ? Finding.Inconclusive(LossNear)
        : new()
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.UnclaimedExchange,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.7,
            Reason = reason,
        };

    /// <summary>The application reports a failure, and nothing the kernel saw explains it.</summary>
    internal static Finding? FailedUnexplained(CaseFile c) =>
        c.Record is { Result: RequestResult.Timeout or RequestResult.Refused or RequestResult.Reset or RequestResult.Error } record
            ? new Finding
            {
                Verdict = Verdict.Discrepant,
                Cause = Cause.Unknown,
                BlindLayer = BlindLayer.Kernel,
                Confidence = 0.3,
                Reason = $"The application reports {Words.Of(record)}; the kernel saw nothing wrong with the connection.",
            }
            : null;

    /// <summary>The application reports an answer, and the kernel saw no byte of it.</summary>
    internal static Finding? NotAnswered(CaseFile c)
    {
        if (!c.ServerSaysAnswered && !c.ClientSaysAnswered)
            return null;
        if ((c.Server ?? c.Client)!.Response.Length > 0)
            return null;
        if (c.CutShort)
            return Finding.Inconclusive("the kernel's evidence ends before the response");
        return new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.UnbackedRecord,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.7,
            Reason = $"The application reports {Words.Of(c.Record!)}; the kernel saw the request and no byte of a response.",
        };
    }

    /// <summary>Nothing is wrong, but the end was not seen.</summary>
    internal static Finding? Partial(CaseFile c) =>
        c.Server is { UnackedBytes: > 0 } && !c.OnlyGoodbyeIsUnacked ? Finding.Inconclusive("the kernel's evidence ends before the response was acknowledged") : null;

    private static Finding NoExchange(CaseFile c)
    {
        if (c.Window.Match.Candidates > 1)
            return Finding.Inconclusive($"{c.Window.Match.Candidates} exchanges fit the record equally well");
        if (c.Record is not { Local: not null, Peer: not null })
            return Finding.Inconclusive("the record does not name its connection (local_endpoint and peer_endpoint)");
        if (c.Window.Record is { StartIsInDoubt: true })
            return Finding.Inconclusive("the wall clock was set back, and the record's time happened more than once");
        if (c.Window.Record is { StartNs: null })
            return Finding.Inconclusive("the record tells no time (start_unix_ns), and neither place nor bytes say which exchange of its connection is its own");
        if (c.Window.Record is { StartNs: { } start, EndNs: { } end } && c.Closing.Coverage.Gap(start, end) is { } gap)
            return Finding.Inconclusive(gap);
        if (c.Window.Record is { StartNs: { } from, EndNs: { } to } && c.IsLossNear(from, to))
            return Finding.Inconclusive(LossNear);
        return c.Closing.Orphan switch
        {
            Orphan.Late => Finding.Inconclusive("the record came too late (crosslayer.correlation.lateness)"),
            Orphan.ConnectionSeen when c.ServerSaysAnswered || c.ClientSaysAnswered => new Finding
            {
                Verdict = Verdict.Discrepant,
                Cause = Cause.UnbackedRecord,
                BlindLayer = BlindLayer.Application,
                Confidence = 0.7,
                Reason = $"The application reports {Words.Of(c.Record)}; the kernel saw the connection, and no exchange on it that fits.",
            },
            _ => Finding.Inconclusive("the kernel events hold no exchange that fits the record"),
        };
    }
}
