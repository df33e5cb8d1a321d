namespace CrossLayer.Actors.Correlations;

/// <summary>What speaks against a placement though no other alignment is as cheap: an order that the clocks cannot tell.</summary>
internal static class PlacementDoubt
{
    /// <summary>True if the answer is that there are several.</summary>
    /// <param name="placement">The cheapest alignment's answer.</param>
    /// <param name="turns">The turns that were aligned.</param>
    /// <param name="claims">The claims that were aligned.</param>
    /// <param name="adrift">Order has lost its anchor on this connection.</param>
    /// <param name="toleranceNs">How far a claim's time may be off.</param>
    internal static bool Of(Placement placement, List<Turn> turns, List<Claim> claims, bool adrift, long toleranceNs)
    {
        if (placement.ClaimCount == 0)
            return false;
        if (placement.ClaimCount > 1)
            return AnyTied(claims, placement);
        if (placement.TurnCount > 1)
            return false;
        var (turn, claim) = (turns[placement.FirstTurn], claims[placement.FirstClaim]);
        return (adrift && (claim.Ordinal is null || claim.Ordinal != turn.Ordinal)) || OtherFits(turn, claims, placement.FirstClaim, toleranceNs);
    }

    /// <summary>
    /// True if the claim that fits a turn best in time has another of its tick beside it: aligning, which takes time, could only
    /// find what <see cref="Of"/> would doubt.
    /// </summary>
    internal static bool IsPlain(Turn turn, List<Claim> claims, long toleranceNs)
    {
        var best = -1;
        for (var i = 0; i < claims.Count; i++)
        {
            if (claims[i] is not { CoarseNs: > 0, Ordinal: null, EndNs: not null })
                return false;
            if (Alignment.Agree(turn, claims[i], toleranceNs) && (best < 0 || Distance(turn, claims[i]) < Distance(turn, claims[best])))
                best = i;
        }

        return best >= 0 && OtherFits(turn, claims, best, toleranceNs);
    }

    private static double Distance(Turn turn, Claim claim) => Math.Abs(claim.EndNs!.Value - turn.EndNs);

    /// <summary>Another claim of the same tick fits as well.</summary>
    private static bool OtherFits(Turn turn, List<Claim> claims, int chosen, long toleranceNs)
    {
        for (var i = 0; i < claims.Count; i++)
            if (i != chosen && AreTied(claims[chosen], claims[i])
                && Alignment.Agree(turn, claims[i], toleranceNs) && Alignment.Agree(turn, claims[chosen], toleranceNs))
                return true;
        return false;
    }

    /// <summary>Two of the claims that share a turn have no order: either could have the first bytes.</summary>
    private static bool AnyTied(List<Claim> claims, Placement placement)
    {
        for (var i = placement.FirstClaim + 1; i < placement.FirstClaim + placement.ClaimCount; i++)
            if (AreTied(claims[i - 1], claims[i]))
                return true;
        return false;
    }

    private static bool AreTied(Claim one, Claim other) => one is { CoarseNs: > 0, Ordinal: null, EndNs: { } end }
        && other is { Ordinal: null, EndNs: { } otherEnd } && Math.Abs(otherEnd - end) < one.CoarseNs;
}
