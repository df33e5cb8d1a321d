namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Application or kernel: what any of the detectors of one layer finds rare in ordinary traffic, and as rare as the one that finds it
/// rarest. So one threshold tunes them all, and the earliest of those above it raises the alarm.
/// </summary>
/// <remarks>
/// All of them take part: to choose those that do best would be to tune on the faults. What each adds to the false alarms comes off
/// what the others may; those that look at the same thing, as the three at latency, mostly raise theirs together. What two members
/// find equally rare is ordered as they are: else it could be alarms together or not at all, and the union would be left short of the rate.
/// </remarks>
/// <param name="members">The detectors, and how rare their scores are in ordinary traffic; they have learned.</param>
internal sealed class UnionDetector(IReadOnlyList<(IDetector Detector, BenignRanks Ranks)> members) : IDetector
{
    /// <summary>Less than two different rarities lie apart, with fewer than 10,000,000 ordinary requests.</summary>
    private const double Step = 1e-9;

    /// <inheritdoc/>
    public string Name => "union";

    /// <inheritdoc/>
    public DetectorLayer Layer => DetectorLayer.Union;

    /// <summary>True for the layers that take part.</summary>
    public static bool Includes(DetectorLayer layer) => layer is DetectorLayer.Application or DetectorLayer.Kernel;

    /// <inheritdoc/>
    public void Learn(EpisodeRecords benign)
    {
    }

    /// <inheritdoc/>
    public IEnumerable<Suspicion> Judge(EpisodeInput episode) => Join([.. members.Select(member => member.Detector.Judge(episode))]);

    /// <summary>What the members' judgements add up to.</summary>
    /// <param name="judgements">Of each member, in their order.</param>
    public IEnumerable<Suspicion> Join(IReadOnlyList<IEnumerable<Suspicion>> judgements) => judgements.SelectMany((judgement, i) =>
        judgement.Select(suspicion => suspicion with { Score = ScoreOf(suspicion, i) }));

    private double ScoreOf(Suspicion suspicion, int member) =>
        members[member].Ranks.RarityOf(suspicion.Score) is > 0 and var rarity ? rarity + (Step * (members.Count - member)) : 0;
}
