using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis;

/// <summary>What is to be scored.</summary>
/// <param name="Folder">Where the experiment is.</param>
/// <param name="Labels">What is known of its episodes, in the order of their names; each has a recording with the probe.</param>
/// <param name="FalsePositives">The share of ordinary requests that a detector may alarm on at most.</param>
/// <param name="Visit">Sees each episode once, as it is read; not two at a time.</param>
/// <param name="Progress">Told how many of how many steps are done.</param>
internal sealed record ScoringTask(
    ExperimentFolder Folder, IReadOnlyList<EpisodeLabel> Labels, double FalsePositives, Action<EpisodeLabel, EpisodeInput> Visit, Action<int, int> Progress);

/// <summary>Tunes the detectors on the benign episodes, and lets them judge all.</summary>
/// <exception cref="InputException">An episode's files cannot be used.</exception>
/// <exception cref="OperationCanceledException">It was stopped.</exception>
internal delegate Task<ScoredExperiment> ScoreExperiment(ScoringTask task, CancellationToken cancellation);
