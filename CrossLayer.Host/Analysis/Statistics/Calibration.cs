namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>Whether confidences are to be believed: how often what was said with so much confidence is right.</summary>
/// <param name="Claims">How many claims there were.</param>
/// <param name="Brier">The mean squared distance of confidence and outcome (Brier, Mon. Weather Rev. 78, 1950); null without claims.</param>
/// <param name="ExpectedError">
/// The mean distance of confidence and share right over the bins, weighted by their claims (Naeini et al., AAAI 2015); null without claims.
/// </param>
/// <param name="Bins">The bins that hold anything, from the least confidence up.</param>
internal sealed record Calibration(int Claims, double? Brier, double? ExpectedError, IReadOnlyList<Calibration.Bin> Bins)
{
    private const int BinCount = 10;

    /// <summary>Claims of about the same confidence.</summary>
    /// <param name="From">The least confidence that stands here.</param>
    /// <param name="To">The one at which the next bin begins; the last one's end is in it.</param>
    /// <param name="MeanConfidence">The mean of the confidences.</param>
    /// <param name="Right">How many of them are right.</param>
    internal sealed record Bin(double From, double To, double MeanConfidence, Share Right);

    /// <summary>Holds confidences, from 0 to 1, against outcomes.</summary>
    public static Calibration Of(IReadOnlyCollection<(double Confidence, bool IsRight)> claims)
    {
        if (claims.Count == 0)
            return new Calibration(0, null, null, []);
        var bins = claims.GroupBy(claim => BinOf(claim.Confidence)).OrderBy(bin => bin.Key)
            .Select(bin => new Bin((double)bin.Key / BinCount, (bin.Key + 1.0) / BinCount, bin.Average(claim => claim.Confidence),
                Share.OfTrials(bin.Count(claim => claim.IsRight), bin.Count())))
            .ToList();
        return new Calibration(
            claims.Count,
            claims.Average(claim => Math.Pow(claim.Confidence - (claim.IsRight ? 1 : 0), 2)),
            bins.Sum(bin => bin.Right.Denominator * Math.Abs(bin.MeanConfidence - bin.Right.Value!.Value)) / claims.Count,
            bins);
    }

    // 0.7 / 0.1 is a little less than 7.
    private static int BinOf(double confidence)
    {
        if (confidence is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "A confidence is from 0 to 1.");
        return Math.Min((int)((confidence * BinCount) + 1e-9), BinCount - 1);
    }
}
