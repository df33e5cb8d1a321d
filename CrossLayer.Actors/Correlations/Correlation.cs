using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>Up to four views of one request, what they add up to, and where the time went.</summary>
public sealed record Correlation
{
    /// <summary>The application's name for the request; for an exchange without a record, one made from its connection.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The event time at which the request's window closed: CLOCK_MONOTONIC nanoseconds.</summary>
    public required long ClosedAtNs { get; init; }

    /// <summary>When the request began, in nanoseconds since the Unix epoch; null where neither layer said.</summary>
    public long? StartUnixNs { get; init; }

    /// <summary>What the client's application reported.</summary>
    public RequestRecord? ClientRecord { get; init; }

    /// <summary>What the server's application reported.</summary>
    public RequestRecord? ServerRecord { get; init; }

    /// <summary>What the kernel saw at the client's socket.</summary>
    public Exchange? ClientExchange { get; init; }

    /// <summary>What the kernel saw at the server's socket.</summary>
    public Exchange? ServerExchange { get; init; }

    /// <summary>How records and exchanges were brought together.</summary>
    public required Match Match { get; init; }

    /// <summary>The verdict and its reason.</summary>
    public required Finding Finding { get; init; }

    /// <summary>From the start of the request to the peer's acknowledgement of the last byte of the response, in milliseconds.</summary>
    public double? DeliveredMs { get; init; }

    /// <summary>Where the time went.</summary>
    public required Ledger Ledger { get; init; }

    /// <summary>True if no kernel event of this request was lost and its connection was seen from its start.</summary>
    public bool EvidenceComplete { get; init; }

    /// <summary>The latency the application reported, in milliseconds: the client's where it reported, else the server's.</summary>
    public double? AppLatencyMs => (ClientRecord ?? ServerRecord)?.LatencyMs;

    /// <summary>Where on its way the request met with trouble, as far as its cause tells.</summary>
    public TroublePlace Place => TroublePlaces.Of(this);

    /// <summary>Kernel events attributed to the request.</summary>
    public int KernelEventCount => (ClientExchange?.EventCount ?? 0) + (ServerExchange?.EventCount ?? 0);
}
