namespace CrossLayer.Actors.Correlations;

/// <summary>An alignment's answer, if nothing speaks against it: an order that clocks cannot tell, or one that has lost its anchor.</summary>
internal static class CautiousAlignment
{
    /// <summary>Where a turn belongs; <see cref="Placement.Several"/> where that is in doubt.</summary>
    /// <param name="turns">All turns at hand.</param>
    /// <param name="own">The one in question.</param>
    /// <param name="claims">All claims at hand.</param>
    /// <param name="adrift">Order has lost its anchor: only a claim that it can start from again is an answer.</param>
    /// <param name="reachNs">How far the claims' times are off; null if that is not known.</param>
    /// <param name="toleranceNs">How far they may be off.</param>
    internal static Placement Place(List<Turn> turns, int own, List<Claim> claims, bool adrift, long? reachNs, long toleranceNs)
    {
        var anchor = adrift ? Anchor(turns, own, claims, reachNs) : null;
        if ((adrift && anchor is null) || IsPlain(turns[own], claims, toleranceNs))
            return Placement.Several;
        var placement = Alignment.Place(turns, claims, own, toleranceNs);
        return placement.IsAmbiguous || AnyTied(placement, turns, claims, toleranceNs) || (adrift && (placement.ClaimCount != 1 || placement.FirstClaim != anchor))
            ? Placement.Several : placement;
    }

    /// <summary>
    /// The claim that names the turn's place, or else the only one that ends within reach of it, if it is in reach of no other turn; null if
    /// there is none.
    /// </summary>
    private static int? Anchor(List<Turn> turns, int own, List<Claim> claims, long? reachNs)
    {
        var turn = turns[own];
        var named = turn.Ordinal > 0 ? claims.FindIndex(claim => claim.Ordinal == turn.Ordinal) : -1;
        if (named >= 0)
            return named;
        if (reachNs is not { } reach || !turn.IsKnown)
            return null;
        var near = Enumerable.Range(0, claims.Count).Where(i => claims[i].EndNs is not null && Distance(turn, claims[i]) <= reach).Take(2).ToList();
        return near is [var only] && turns.Count(other => Distance(other, claims[only]) <= reach) == 1 ? only : null;
    }

    /// <summary>
    /// True if the claim that fits a turn best in time has another of its tick beside it: aligning, which takes time, could only
    /// find what is doubted.
    /// </summary>
    private static bool IsPlain(Turn turn, List<Claim> claims, long toleranceNs)
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

    /// <summary>The claim of one turn has no order with another that fits it; or two that share a turn have none: either could have the first bytes.</summary>
    private static bool AnyTied(Placement placement, List<Turn> turns, List<Claim> claims, long toleranceNs)
    {
        if (placement is { ClaimCount: 1, TurnCount: 1 })
            return OtherFits(turns[placement.FirstTurn], claims, placement.FirstClaim, toleranceNs);
        for (var i = placement.FirstClaim + 1; i < placement.FirstClaim + placement.ClaimCount; i++)
            if (AreTied(claims[i - 1], claims[i]))
                return true;
        return false;
    }

    private static bool AreTied(Claim one, Claim other) => one is { CoarseNs: > 0, Ordinal: null, EndNs: { } end }
        && other is { Ordinal: null, EndNs: { } otherEnd } && Math.Abs(otherEnd - end) < one.CoarseNs;
}
