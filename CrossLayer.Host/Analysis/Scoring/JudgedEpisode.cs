using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis.Scoring;

/// <summary>What detectors said of an episode, before it is known what is an alarm.</summary>
/// <param name="Label">What is known of it.</param>
/// <param name="Judgements">Of each detector but the union, in their order.</param>
/// <param name="UnattributedCorrelations">Correlations that are about none of its requests.</param>
internal sealed record JudgedEpisode(EpisodeLabel Label, IReadOnlyList<Judgement> Judgements, int UnattributedCorrelations)
{
    /// <summary>Lets detectors judge.</summary>
    /// <param name="label">The episode's label, which no detector sees.</param>
    /// <param name="input">What they see.</param>
    /// <param name="detectors">They have learned.</param>
    /// <param name="clockTolerance">How far a record's time may be off.</param>
    public static JudgedEpisode Of(EpisodeLabel label, EpisodeInput input, IReadOnlyList<IDetector> detectors, TimeSpan clockTolerance)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(detectors);
        return new JudgedEpisode(
            label,
            [.. detectors.Select(detector => new Judgement(detector.Judge(input)))],
            CorrelatedRequests.Of(input.Correlations, input.ClientRecords, new EpisodeClock(input.KernelEvents), clockTolerance).LeftOut);
    }
}
