using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>Two detectors on the same cases (McNemar, exact).</summary>
/// <param name="Detector">The first.</param>
/// <param name="Other">The second.</param>
/// <param name="OnlyDetector">Cases that only the first finds.</param>
/// <param name="OnlyOther">Cases that only the second finds.</param>
/// <param name="Cases">All cases.</param>
/// <param name="PValue">That they find equally many.</param>
/// <param name="HolmPValue">The same, corrected for the number of detectors that the first is compared with.</param>
internal sealed record Comparison(
    string Detector, string Other, int OnlyDetector, int OnlyOther, int Cases, double PValue, double HolmPValue)
{
    /// <summary>Compares one detector with each other one.</summary>
    /// <param name="names">The detectors.</param>
    /// <param name="detector">Which of them is compared.</param>
    /// <param name="found">For each case, what each detector found.</param>
    public static IReadOnlyList<Comparison> WithEach(IReadOnlyList<string> names, int detector, IReadOnlyList<bool[]> found)
    {
        var pairs = Enumerable.Range(0, names.Count).Where(other => other != detector)
            .Select(other => (
                Other: other,
                OnlyDetector: found.Count(@case => @case[detector] && !@case[other]),
                OnlyOther: found.Count(@case => @case[other] && !@case[detector])))
            .ToList();
        var pValues = pairs.Select(pair => McNemar.PValue(pair.OnlyDetector, pair.OnlyOther)).ToList();
        var adjusted = Holm.Adjust(pValues);
        return
        [
            .. pairs.Select((pair, i) => new Comparison(
                names[detector], names[pair.Other], pair.OnlyDetector, pair.OnlyOther, found.Count, pValues[i], adjusted[i])),
        ];
    }
}

/// <summary>How much more of the requests one detector finds than another.</summary>
/// <param name="Detector">The first.</param>
/// <param name="Other">The second.</param>
/// <param name="Difference">The first's recall less the second's; null where there is nothing to find.</param>
/// <param name="Interval">Its interval, by drawing episodes anew.</param>
internal sealed record RecallDifference(string Detector, string Other, double? Difference, Interval? Interval)
{
    /// <summary>The difference over episodes.</summary>
    public static RecallDifference Of(
        IReadOnlyList<DetectorDescription> detectors, int detector, int other, IReadOnlyList<TestedEpisode> episodes,
        Func<ScoredRequest, bool> isPositive, ClusterBootstrap bootstrap)
    {
        var (first, second) = (Recalls(detector), Recalls(other));
        return new RecallDifference(
            detectors[detector].Name, detectors[other].Name, Tally.Sum(first).Share - Tally.Sum(second).Share, bootstrap.Difference(first, second));

        List<Tally> Recalls(int index) => [.. episodes.Select(episode => ConfusionMatrix.Of(episode.Requests, index, isPositive).Recall())];
    }
}
