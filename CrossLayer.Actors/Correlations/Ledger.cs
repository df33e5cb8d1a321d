namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Where a request's time went, in milliseconds. Parts that no layer could measure are null; what the parts leave of
/// the application's latency is <see cref="RemainderMs"/>, shown and never spread.
/// </summary>
public sealed record Ledger
{
    /// <summary>No part is known.</summary>
    public static Ledger Empty { get; } = new();

    /// <summary>Opening the connection: from the SYN to the handshake's end.</summary>
    public double? ConnectMs { get; init; }

    /// <summary>From the request's first byte written to its last byte read by the server.</summary>
    public double? RequestMs { get; init; }

    /// <summary>From the request's last byte read to the response's first byte written: the server's application.</summary>
    public double? ApplicationMs { get; init; }

    /// <summary>Sending the response, less the time it waited for the receiver's window.</summary>
    public double? ResponseMs { get; init; }

    /// <summary>Response bytes waited for room in the receiver's window.</summary>
    public double? RwndLimitedMs { get; init; }

    /// <summary>The application's latency less all parts.</summary>
    public double? RemainderMs { get; init; }
}
