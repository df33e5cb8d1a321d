namespace CrossLayer.Actors.Correlations;

/// <summary>Where a turn belongs: a group of turns and the claims they are reported by.</summary>
/// <param name="ClaimCount">0: nobody reports the turn.</param>
/// <param name="Margin">How much dearer the best other placement is.</param>
/// <param name="Contenders">Groups that the turn could have belonged to.</param>
internal readonly record struct Placement(int FirstTurn, int TurnCount, int FirstClaim, int ClaimCount, double Cost, double Margin, int Contenders)
{
    /// <summary>Other placements are as good.</summary>
    internal bool IsAmbiguous => Contenders > 0 && Margin < Alignment.LeastMargin;
}
