using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>Decisions held against labels, by request.</summary>
/// <param name="TruePositives">Alarms where there should be one.</param>
/// <param name="FalsePositives">Alarms where there should be none.</param>
/// <param name="FalseNegatives">Silence where there should be an alarm.</param>
/// <param name="TrueNegatives">Silence where there should be silence.</param>
/// <param name="AbstainedPositives">It said that it cannot say, where there should be an alarm.</param>
/// <param name="AbstainedNegatives">It said that it cannot say, where there should be none.</param>
internal sealed record ConfusionMatrix(
    long TruePositives, long FalsePositives, long FalseNegatives, long TrueNegatives, long AbstainedPositives, long AbstainedNegatives)
{
    /// <summary>Nothing.</summary>
    public static ConfusionMatrix Empty { get; } = new(0, 0, 0, 0, 0, 0);

    /// <summary>Requests with an alarm that should have one, of all alarms.</summary>
    public Tally Precision() => new(TruePositives, TruePositives + FalsePositives);

    /// <summary>Requests with an alarm, of all that should have one; to abstain is to miss.</summary>
    public Tally Recall() => new(TruePositives, TruePositives + FalseNegatives + AbstainedPositives);

    /// <summary>Requests with an alarm, of all that should have none.</summary>
    public Tally FalsePositiveRate() => new(FalsePositives, FalsePositives + TrueNegatives + AbstainedNegatives);

    /// <summary>The harmonic mean of precision and recall, as one share: 2 TP of 2 TP + FP + all misses.</summary>
    public Tally F1() => new(2 * TruePositives, (2 * TruePositives) + FalsePositives + FalseNegatives + AbstainedPositives);

    /// <summary>The decisions of a detector on some requests.</summary>
    public static ConfusionMatrix Of(IEnumerable<ScoredRequest> requests, int detector, Func<ScoredRequest, bool> isPositive)
    {
        var counts = new long[6];
        foreach (var request in requests)
        {
            var decision = request.Decisions[detector];
            counts[(decision.Alarm ? 0 : decision.Abstained ? 4 : 2) + (isPositive(request) ? 0 : 1)]++;
        }

        return new ConfusionMatrix(counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]);
    }

    /// <summary>Both added up.</summary>
    public static ConfusionMatrix operator +(ConfusionMatrix one, ConfusionMatrix other) => new(
        one.TruePositives + other.TruePositives, one.FalsePositives + other.FalsePositives,
        one.FalseNegatives + other.FalseNegatives, one.TrueNegatives + other.TrueNegatives,
        one.AbstainedPositives + other.AbstainedPositives, one.AbstainedNegatives + other.AbstainedNegatives);
}

/// <summary>How well a detector finds requests of one sort.</summary>
/// <param name="Matrix">Its decisions.</param>
/// <param name="Precision">How many of its alarms are right.</param>
/// <param name="Recall">How many of the requests it finds.</param>
/// <param name="F1">Both in one.</param>
/// <param name="FalsePositiveRate">On how many of the other requests it alarms.</param>
internal sealed record Detection(ConfusionMatrix Matrix, Share Precision, Share Recall, Share F1, Share FalsePositiveRate)
{
    /// <summary>The figures of a detector over episodes.</summary>
    public static Detection Of(IReadOnlyList<TestedEpisode> episodes, int detector, Func<ScoredRequest, bool> isPositive, ClusterBootstrap bootstrap)
    {
        var matrices = episodes.Select(episode => ConfusionMatrix.Of(episode.Requests, detector, isPositive)).ToList();
        return new Detection(
            matrices.Aggregate(ConfusionMatrix.Empty, (sum, matrix) => sum + matrix),
            Share(matrix => matrix.Precision()), Share(matrix => matrix.Recall()), Share(matrix => matrix.F1()),
            Share(matrix => matrix.FalsePositiveRate()));

        Share Share(Func<ConfusionMatrix, Tally> tally) => Statistics.Share.OfClusters(bootstrap, [.. matrices.Select(tally)]);
    }
}
