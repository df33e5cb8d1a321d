namespace CrossLayer.Host.Analysis;

/// <summary>A whole experiment with what every detector, tuned, decided of its requests.</summary>
/// <param name="Detectors">The detectors; decisions stand in their order.</param>
/// <param name="Episodes">The episodes, in the order of their names.</param>
internal sealed record ScoredExperiment(IReadOnlyList<DetectorDescription> Detectors, IReadOnlyList<ScoredEpisode> Episodes)
{
    /// <summary>From when on requests were slow for the detectors of both layers.</summary>
    public IReadOnlyList<LearnedLimit> SlowLimits { get; init; } = [];
}
