using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>All that is known of one request, in the terms that the rules speak in.</summary>
internal sealed record CaseFile(RequestWindow Window, Ledger Ledger, CloseWindow Closing, CorrelationSettings Settings)
{
    internal Exchange? Client => Window.ClientExchange;

    internal Exchange? Server => Window.ServerExchange;

    internal RequestRecord? ClientRecord => Window.ClientRecord?.Record;

    internal RequestRecord? ServerRecord => Window.ServerRecord?.Record;

    /// <summary>The client's record, else the server's.</summary>
    internal RequestRecord? Record => Window.Record?.Record;

    internal double LatencyMs => Record?.LatencyMs ?? 0;

    /// <summary>The server's application says that it answered.</summary>
    internal bool ServerSaysAnswered => ServerRecord is { Result: RequestResult.Success or RequestResult.HttpError };

    /// <summary>The client's application says that it has its answer.</summary>
    internal bool ClientSaysAnswered => ClientRecord is { Result: RequestResult.Success or RequestResult.HttpError };

    internal int Retransmits => (Client?.Retransmits ?? 0) + (Server?.Retransmits ?? 0);

    /// <summary>Packets that either end's own host dropped on their way out.</summary>
    internal int EgressDrops => (Client?.EgressDrops ?? 0) + (Server?.EgressDrops ?? 0);

    /// <summary>How often in a row one and the same byte did not come through.</summary>
    internal int RepeatedRetransmits => Math.Max(Client?.RepeatedRetransmits ?? 0, Server?.RepeatedRetransmits ?? 0);

    /// <summary>The client's application got no answer, or not all of it.</summary>
    internal bool ClientSaysFailed => ClientRecord is { Result: RequestResult.Timeout or RequestResult.Reset or RequestResult.Error };

    /// <summary>
    /// What was not acknowledged was written after the client had read all before it and closed (TLS says goodbye so): nobody's loss.
    /// </summary>
    internal bool OnlyGoodbyeIsUnacked => !ClientSaysFailed
        && Client is { ClosedNs: { } closed, UnreadBytes: 0, Response.Length: > 0 } && Server is { UnackedBytes: > 0, ResponseEndNs: { } written }
        && written > closed && Server.UnackedBytes <= Server.Response.Length - Client.Response.Length;

    /// <summary>When the client's application was done with the request, whatever came of it.</summary>
    internal long? ClientDoneNs => Window.ClientRecord?.EndNs;

    internal int SynRetransmits => (Client?.SynRetransmits ?? 0) + (Server?.SynRetransmits ?? 0);

    /// <summary>A tunnel lives for as long as it is used; who polls for long waits by his own wish.</summary>
    internal bool IsSlow => Record is { OpensTunnel: false } && LatencyMs >= Settings.SlowLimit(Record.Role, Record.Route).TotalMilliseconds && !IsExpectedSlow;

    /// <summary>One of the applications, or the settings, say that the request takes long by design.</summary>
    internal bool IsExpectedSlow => ClientRecord is { ExpectedSlow: true } || ServerRecord is { ExpectedSlow: true } || Settings.IsExpectedSlow(Record?.Route);

    /// <summary>The kernel's evidence ended before the exchange was given up: absence proves nothing.</summary>
    internal bool CutShort => (Server ?? Client) is { ClosedNs: null } exchange && exchange.LastNs + (long)WaitFor(exchange).TotalNanoseconds > Closing.Coverage.EndNs;

    /// <summary>
    /// Kernel events were lost in a span of time or so near that one of its records may belong to an exchange of which they were a part.
    /// </summary>
    internal bool IsLossNear(long startNs, long endNs)
    {
        var near = (long)Settings.Settle.TotalNanoseconds;
        return Closing.Coverage.HasLoss(startNs - near, endNs + near);
    }

    private TimeSpan WaitFor(Exchange exchange) => exchange.Response.Length == 0 || exchange is { UnackedBytes: > 0, Retransmits: 0 } ? Settings.Patience
        : exchange.UnackedBytes > 0 ? Settings.Unacked : Settings.Settle;

    /// <summary>
    /// From the request's first byte to its last being read by the server's application, less the time that the client took to write it:
    /// what is not there yet does not wait.
    /// </summary>
    internal double? RequestWaitMs => (Ledger.AcceptWaitMs ?? 0) + Ledger.RequestMs - Math.Max(0, WritingMs - HeldUpMs);

    /// <summary>The client's writing of the request, from its first byte to its last.</summary>
    internal double WritingMs => Client is { RequestStartNs: { } first, RequestEndNs: { } last } ? (last - first) / 1e6 : 0;

    /// <summary>What held up the client's sending: the receiver's window, its own buffer, loss. The ledger has that in parts of its own.</summary>
    private double HeldUpMs => Client is { } client ? (client.RwndLimitedNs + client.SndbufLimitedNs + client.RecoveryNs) / 1e6 : 0;

    /// <summary>How long bytes of the request waited for room in the server's receive window. From the client alone, the ledger has no part for the request.</summary>
    internal double RequestBlockedMs => Math.Min((Client?.RwndLimitedNs ?? 0) / 1e6, Server is null ? double.MaxValue : Ledger.RwndLimitedMs ?? 0);

    /// <summary>And bytes of the response for room in the client's: what the ledger has beyond that.</summary>
    internal double ResponseBlockedMs => Math.Max(0, (Ledger.RwndLimitedMs ?? 0) - RequestBlockedMs);

    /// <summary>A part is most of the latency.</summary>
    internal bool IsMost(double? partMs) => partMs >= LatencyMs / 2;
}
