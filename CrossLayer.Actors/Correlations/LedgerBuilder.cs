using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>Takes a request's time apart, from the moments that the kernel saw.</summary>
internal static class LedgerBuilder
{
    internal static Ledger Build(RequestWindow window)
    {
        var (client, server) = (window.ClientExchange, window.ServerExchange);
        // The latency that is taken apart is the client's where it reported: then its connect and the way back count.
        var fromClient = window.ClientRecord is not null || (window.ServerRecord is null && client is not null);
        var wait = fromClient && server is { ConnectEndNs: { } accepted, RequestStartNs: { } read }
            ? Ms(Math.Max(accepted, client?.RequestStartNs ?? accepted), read) : null;
        // What still comes of a request after its answer is read away, and nobody waits for it.
        var requestEnd = server?.ResponseStartNs < server?.RequestEndNs ? server?.ResponseStartNs : server?.RequestEndNs;
        var request = Sending(Ms((fromClient ? client?.RequestStartNs : null) ?? server?.RequestStartNs, requestEnd) - (wait ?? 0), client);
        var writing = Ms(server?.ResponseStartNs ?? client?.ResponseStartNs, server?.ResponseEndNs ?? client?.ResponseEndNs);
        var delivering = fromClient ? Ms(server?.ResponseEndNs, client?.ResponseEndNs ?? server?.AckedNs) : null;
        var response = Sending(writing is null && delivering is null ? null : (writing ?? 0) + (delivering ?? 0), server);
        var ackWait = delivering is { } d ? Math.Min(d, response.RestMs ?? 0) : (double?)null;
        var ledger = new Ledger
        {
            ConnectMs = fromClient ? Ms(client?.ConnectStartNs, client?.ConnectEndNs) : null,
            AcceptWaitMs = wait,
            RequestMs = request.RestMs,
            ApplicationMs = Ms(requestEnd, server?.ResponseStartNs),
            ResponseMs = response.RestMs - (ackWait ?? 0),
            SndbufLimitedMs = Sum(request.SndbufMs, response.SndbufMs),
            RwndLimitedMs = Sum(request.RwndMs, response.RwndMs),
            RecoveryMs = Sum(request.RecoveryMs, response.RecoveryMs),
            AckWaitMs = ackWait,
        };
        return ledger with { RemainderMs = window.Record?.Record.LatencyMs - Sum(ledger) };
    }

    /// <summary>From the request's first sign to the peer's acknowledgement of the response's last byte.</summary>
    internal static double? DeliveredMs(RequestWindow window)
    {
        var (client, server) = (window.ClientExchange, window.ServerExchange);
        var start = client?.FirstNs ?? server?.FirstNs;
        var end = server is { Response.Length: > 0, UnackedBytes: 0 } ? server.AckedNs : null;
        return Ms(start, end ?? (client is { Response.Length: > 0 } ? client.ResponseEndNs : null));
    }

    /// <summary>What held up the sender in a span of time, and what is left of the span.</summary>
    private static (double? RestMs, double? RecoveryMs, double? RwndMs, double? SndbufMs) Sending(double? spanMs, Exchange? sender)
    {
        if (spanMs is not { } span)
            return (null, null, null, null);
        var rest = Math.Max(0, span);
        if (sender is null)
            return (rest, null, null, null);
        // The kernel's own clocks first: what they do not explain may be recovery, whose span is only bounded by what was seen.
        var rwnd = Take(sender.RwndLimitedNs);
        var sndbuf = Take(sender.SndbufLimitedNs);
        var recovery = Take(sender.RecoveryNs);
        return (rest, recovery, rwnd, sndbuf);

        double Take(long ns)
        {
            var part = Math.Min(ns / 1e6, rest);
            rest -= part;
            return part;
        }
    }

    private static double Sum(Ledger ledger) => (ledger.ConnectMs ?? 0) + (ledger.AcceptWaitMs ?? 0) + (ledger.RequestMs ?? 0)
        + (ledger.ApplicationMs ?? 0) + (ledger.ResponseMs ?? 0) + (ledger.SndbufLimitedMs ?? 0) + (ledger.RwndLimitedMs ?? 0)
        + (ledger.RecoveryMs ?? 0) + (ledger.AckWaitMs ?? 0);

    private static double? Sum(double? one, double? other) => one is null ? other : one + (other ?? 0);

    /// <summary>Never negative: a response that begins before the request's end leaves the application no time of its own.</summary>
    private static double? Ms(long? startNs, long? endNs) => endNs - startNs is { } ns ? Math.Max(0, ns) / 1e6 : null;
}
