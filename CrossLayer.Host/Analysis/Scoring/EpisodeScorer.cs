using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis.Scoring;

/// <summary>A detector and how it was tuned.</summary>
internal sealed record TunedDetector(string Name, DetectorLayer Layer, Tuning Tuning);

/// <summary>
/// Brings labels and detectors together, once all detectors are tuned to one false-positive rate on the same benign episodes. Holds
/// what was said of the benign ones, and none of their events.
/// </summary>
internal sealed class EpisodeScorer
{
    private readonly IReadOnlyList<IDetector> _plain;
    private readonly UnionDetector _union;
    private readonly CorrelationSettings _settings;

    private EpisodeScorer(IReadOnlyList<IDetector> plain, UnionDetector union, IReadOnlyList<TunedDetector> detectors, OrdinaryLatencies ordinary,
        CorrelationSettings settings) =>
        (_plain, _union, Detectors, Ordinary, _settings) = (plain, union, detectors, ordinary, settings);

    /// <summary>The detectors, in the order of <see cref="ScoredRequest.Decisions"/>; the union is the last.</summary>
    public IReadOnlyList<TunedDetector> Detectors { get; }

    /// <summary>What latencies are ordinary.</summary>
    public OrdinaryLatencies Ordinary { get; }

    /// <summary>Teaches and tunes detectors: each benign episode is read twice, one after the other.</summary>
    /// <param name="detectors">All but the union.</param>
    /// <param name="benign">The labels of the benign episodes.</param>
    /// <param name="read">Reads what detectors may see of an episode.</param>
    /// <param name="rate">The false-positive rate, such as 0.001.</param>
    /// <param name="settings">Those that episodes are correlated with.</param>
    /// <exception cref="InputException">There are no benign requests.</exception>
    public static async Task<EpisodeScorer> TuneAsync(IReadOnlyList<IDetector> detectors, IReadOnlyList<EpisodeLabel> benign,
        Func<EpisodeLabel, Task<EpisodeInput>> read, double rate, CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (!benign.Any(label => label.Requests.Count > 0))
            throw new InputException("there are no requests of benign episodes; detectors are tuned on those");
        foreach (var label in benign)
        {
            var input = await read(label);
            foreach (var detector in detectors)
                detector.Learn(input);
        }

        var judged = new List<(EpisodeLabel Label, Judgement[] Judgements)>();
        foreach (var label in benign)
        {
            var input = await read(label);
            judged.Add((label, [.. detectors.Select(detector => new Judgement(detector.Judge(input)))]));
        }

        var scores = detectors.Select((_, i) => judged.SelectMany(episode => Scores(episode.Label, episode.Judgements[i])).ToList()).ToList();
        var members = Members(detectors);
        var union = new UnionDetector([.. members.Select(i => (detectors[i], new BenignRanks(scores[i])))]);
        var ofUnion = judged.SelectMany(episode => Scores(episode.Label, Join(union, members, episode.Judgements))).ToList();
        return new EpisodeScorer(detectors, union,
            [
                .. detectors.Select((detector, i) => new TunedDetector(detector.Name, detector.Layer, Tuning.Of(scores[i], rate))),
                new TunedDetector(union.Name, union.Layer, Tuning.Of(ofUnion, rate)),
            ],
            new OrdinaryLatencies(benign), settings);
    }

    /// <summary>Scores an episode: all requests of its label, also those of which detectors said nothing.</summary>
    public ScoredEpisode Score(EpisodeLabel label, EpisodeInput input)
    {
        ArgumentNullException.ThrowIfNull(label);
        ArgumentNullException.ThrowIfNull(input);
        var judgements = _plain.Select(detector => new Judgement(detector.Judge(input))).ToArray();
        Judgement[] all = [.. judgements, Join(_union, Members(_plain), judgements)];
        return new ScoredEpisode(label,
        [
            .. label.Requests.Select(request => new ScoredRequest(request, Ordinary.IsImpacted(request),
                [.. all.Select((judgement, i) => judgement.Decide(request.RequestId, Detectors[i].Tuning.Threshold))])),
        ])
        {
            UnattributedCorrelations = CorrelatedRequests.Of(
                input.Correlations, input.ClientRecords, new EpisodeClock(input.KernelEvents), _settings.ClockTolerance).LeftOut,
        };
    }

    private static IReadOnlyList<int> Members(IReadOnlyList<IDetector> detectors) =>
        [.. Enumerable.Range(0, detectors.Count).Where(i => UnionDetector.Includes(detectors[i].Layer))];

    private static Judgement Join(UnionDetector union, IReadOnlyList<int> members, Judgement[] judgements) =>
        new(union.Join([.. members.Select(i => judgements[i].Suspicions)]));

    private static IEnumerable<double> Scores(EpisodeLabel label, Judgement judgement) =>
        label.Requests.Select(request => judgement.ScoreOf(request.RequestId));
}
