namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// How rare a score of a detector is in ordinary traffic, so that scores of different detectors can be compared: the negative decimal
/// logarithm of its empirical p-value, (requests with at least this score + 1) / (requests + 1) (North et al., Am. J. Hum. Genet. 71, 2002).
/// </summary>
internal sealed class BenignRanks
{
    private readonly double[] _sorted;

    /// <param name="scores">Of each ordinary request the highest score, 0 where it has none.</param>
    public BenignRanks(IEnumerable<double> scores) => _sorted = [.. scores.Order()];

    /// <summary>0 for what is not suspicious; 3 for what one ordinary request in a thousand has.</summary>
    public double RarityOf(double score)
    {
        if (score <= 0)
            return 0;
        var (low, high) = (0, _sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _sorted[middle] < score ? (middle + 1, high) : (low, middle);
        }

        return -Math.Log10((_sorted.Length - low + 1) / (double)(_sorted.Length + 1));
    }
}
