using CrossLayer.Actors.Diagnosis;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>Makes a closed window's correlation. Pure.</summary>
public static class Correlator
{
    /// <summary>What the window's views add up to.</summary>
    public static Correlation Correlate(RequestWindow window, CloseWindow closing, CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(closing);
        var ledger = LedgerBuilder.Build(window);
        return new Correlation
        {
            RequestId = window.Record?.Record.RequestId ?? NameOf(window),
            ClosedAtNs = closing.AtNs,
            StartUnixNs = window.Record?.Record.StartUnixNs,
            ClientRecord = window.ClientRecord?.Record,
            ServerRecord = window.ServerRecord?.Record,
            ClientExchange = window.ClientExchange,
            ServerExchange = window.ServerExchange,
            Match = window.Match,
            Finding = Diagnostician.Diagnose(window, ledger, closing, settings),
            DeliveredMs = LedgerBuilder.DeliveredMs(window),
            Ledger = ledger,
            EvidenceComplete = closing.Coverage.MissingBy(closing.AtNs) is null
                && window is not { ClientExchange: null, ServerExchange: null }
                && window is { ClientExchange: null or { Complete: true }, ServerExchange: null or { Complete: true } },
        };
    }

    /// <summary>An exchange that nobody reported is named by its connection and its first byte.</summary>
    private static RequestId NameOf(RequestWindow window)
    {
        var exchange = (window.ClientExchange ?? window.ServerExchange)!;
        var (client, server) = exchange.IsServer ? (exchange.Peer, exchange.Local) : (exchange.Local, exchange.Peer);
        return new RequestId($"{client}>{server}@{exchange.Request.Start}");
    }
}
