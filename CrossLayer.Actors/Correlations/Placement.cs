namespace CrossLayer.Actors.Correlations;

/// <summary>Where a turn belongs: a group of turns and the claims they are reported by.</summary>
/// <param name="ClaimCount">0: nobody reports the turn.</param>
/// <param name="Margin">How much dearer the best other placement is.</param>
/// <param name="Contenders">Groups that the turn could have belonged to.</param>
internal readonly record struct Placement(int FirstTurn, int TurnCount, int FirstClaim, int ClaimCount, double Cost, double Margin, int Contenders)
{
    /// <summary>There are several, and none was looked for.</summary>
    internal static Placement Several { get; } = new(0, 1, 0, 0, 0, 0, 2);

    /// <summary>Other placements are as good.</summary>
    internal bool IsAmbiguous => Contenders > 0 && Margin < Alignment.LeastMargin;
}
