using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis.Scoring;

/// <summary>A detector and how it was tuned.</summary>
internal sealed record TunedDetector(string Name, DetectorLayer Layer, Tuning Tuning);

/// <summary>
/// Decides what is an alarm, once all detectors are tuned to one false-positive rate on the same benign episodes, and brings that
/// together with the labels.
/// </summary>
internal sealed class EpisodeScorer
{
    private readonly UnionDetector _union;
    private readonly IReadOnlyList<int> _members;

    private EpisodeScorer(UnionDetector union, IReadOnlyList<int> members, IReadOnlyList<TunedDetector> detectors, OrdinaryLatencies ordinary) =>
        (_union, _members, Detectors, Ordinary) = (union, members, detectors, ordinary);

    /// <summary>The detectors, in the order of <see cref="ScoredRequest.Decisions"/>; the union is the last.</summary>
    public IReadOnlyList<TunedDetector> Detectors { get; }

    /// <summary>What latencies are ordinary.</summary>
    public OrdinaryLatencies Ordinary { get; }

    /// <summary>Tunes detectors, and the union of those of one layer.</summary>
    /// <param name="detectors">All but the union; they have judged the benign episodes.</param>
    /// <param name="benign">The benign episodes.</param>
    /// <param name="rate">The false-positive rate, such as 0.001.</param>
    /// <exception cref="InputException">There are no benign requests.</exception>
    public static EpisodeScorer Tune(IReadOnlyList<IDetector> detectors, IReadOnlyList<JudgedEpisode> benign, double rate)
    {
        ArgumentNullException.ThrowIfNull(detectors);
        if (!benign.Any(episode => episode.Label.Requests.Count > 0))
            throw new InputException("there are no requests of benign episodes; detectors are tuned on those");
        var scores = detectors.Select((_, i) => benign.SelectMany(episode => Scores(episode.Label, episode.Judgements[i])).ToList()).ToList();
        IReadOnlyList<int> members = [.. Enumerable.Range(0, detectors.Count).Where(i => UnionDetector.Includes(detectors[i].Layer))];
        var union = new UnionDetector([.. members.Select(i => (detectors[i], new BenignRanks(scores[i])))]);
        var ofUnion = benign.SelectMany(episode => Scores(episode.Label, Join(union, members, episode.Judgements))).ToList();
        return new EpisodeScorer(union, members,
            [
                .. detectors.Select((detector, i) => new TunedDetector(detector.Name, detector.Layer, Tuning.Of(scores[i], rate))),
                new TunedDetector(union.Name, union.Layer, Tuning.Of(ofUnion, rate)),
            ],
            new OrdinaryLatencies(benign.Select(episode => episode.Label)));
    }

    /// <summary>Scores an episode: all requests of its label, also those of which detectors said nothing.</summary>
    public ScoredEpisode Score(JudgedEpisode episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        Judgement[] all = [.. episode.Judgements, Join(_union, _members, episode.Judgements)];
        return new ScoredEpisode(episode.Label,
        [
            .. episode.Label.Requests.Select(request => new ScoredRequest(request, Ordinary.IsImpacted(request),
                [.. all.Select((judgement, i) => judgement.Decide(request.RequestId, Detectors[i].Tuning.Threshold))])),
        ])
        {
            UnattributedCorrelations = episode.UnattributedCorrelations,
        };
    }

    private static Judgement Join(UnionDetector union, IReadOnlyList<int> members, IReadOnlyList<Judgement> judgements) =>
        new(union.Join([.. members.Select(i => judgements[i].Suspicions)]));

    private static IEnumerable<double> Scores(EpisodeLabel label, Judgement judgement) =>
        label.Requests.Select(request => judgement.ScoreOf(request.RequestId));
}
