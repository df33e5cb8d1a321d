using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Hosts;

/// <summary>A request that crossed hosts, decided: from both halves, or from one where the other host has none.</summary>
/// <param name="Halves">What it was made of.</param>
/// <param name="Owner">The host that reports it: the server's.</param>
/// <param name="Correlation">What it adds up to, on the owner's clock; null where nobody reports such requests.</param>
public sealed record JoinedRequest(IReadOnlyList<HalfId> Halves, string Owner, Correlation? Correlation);
