using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>Takes a request's time apart, from the moments that the kernel saw.</summary>
internal static class LedgerBuilder
{
    internal static Ledger Build(RequestWindow window)
    {
        var (client, server) = (window.ClientExchange, window.ServerExchange);
        var windowClosed = server is null ? null : Ms(0, server.RwndLimitedNs);
        var ledger = new Ledger
        {
            ConnectMs = Ms(client?.ConnectStartNs, client?.ConnectEndNs),
            RequestMs = Ms(client?.RequestStartNs, server?.RequestEndNs),
            ApplicationMs = Ms(server?.RequestEndNs, server?.ResponseStartNs),
            RwndLimitedMs = windowClosed,
            ResponseMs = ResponseMs(client, server) is { } response ? Math.Max(0, response - (windowClosed ?? 0)) : null,
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

    /// <summary>Until the client's application has read it, where that can be seen; else until it was written.</summary>
    private static double? ResponseMs(Exchange? client, Exchange? server) =>
        Ms(server?.ResponseStartNs ?? client?.ResponseStartNs, client?.ResponseEndNs ?? server?.ResponseEndNs);

    private static double Sum(Ledger ledger) => (ledger.ConnectMs ?? 0) + (ledger.RequestMs ?? 0)
        + (ledger.ApplicationMs ?? 0) + (ledger.ResponseMs ?? 0) + (ledger.RwndLimitedMs ?? 0);

    private static double? Ms(long? startNs, long? endNs) => (endNs - startNs) / 1e6;
}
