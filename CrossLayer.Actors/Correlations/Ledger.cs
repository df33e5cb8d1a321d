namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Where a request's time went, in milliseconds. The parts follow one another and are disjoint; a part that no layer could
/// measure is null. What they leave of the application's latency is <see cref="RemainderMs"/>, shown and never spread.
/// </summary>
public sealed record Ledger
{
    /// <summary>No part is known.</summary>
    public static Ledger Empty { get; } = new();

    /// <summary>Opening the connection: from the SYN to the handshake's end.</summary>
    public double? ConnectMs { get; init; }

    /// <summary>The first request on a connection lay at the server until the server's application first read from it: accept(2) and what comes before the read.</summary>
    public double? AcceptWaitMs { get; init; }

    /// <summary>From the request's first byte written (or, at the server alone, read) to its last byte read by the server, less the wait for accept.</summary>
    public double? RequestMs { get; init; }

    /// <summary>From the request's last byte read to the response's first byte written: the server's application.</summary>
    public double? ApplicationMs { get; init; }

    /// <summary>Writing the response, from its first byte to its last, less the three parts below.</summary>
    public double? ResponseMs { get; init; }

    /// <summary>The network waited for room in the sender's buffer (tcp_chrono).</summary>
    public double? SndbufLimitedMs { get; init; }

    /// <summary>Bytes waited for room in the receiver's window (tcp_chrono).</summary>
    public double? RwndLimitedMs { get; init; }

    /// <summary>Bytes of the response were lost and sent again (<see cref="Connections.Exchange.RecoveryNs"/>).</summary>
    public double? RecoveryMs { get; init; }

    /// <summary>From the response's last byte written to the client's having read it; less recovery that lies there.</summary>
    public double? AckWaitMs { get; init; }

    /// <summary>The application's latency less all parts.</summary>
    public double? RemainderMs { get; init; }
}
