using System.Runtime.CompilerServices;
using CrossLayer.Actors.Graph;
using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;
using CrossLayer.Probe;

namespace CrossLayer.Host.Analysis.Scoring;

/// <summary>Scores a stored experiment, one episode after the other.</summary>
internal sealed class ExperimentScorer
{
    /// <summary>Of a thousand ordinary requests, one false alarm.</summary>
    public const double DefaultRate = 0.001;

    private readonly ExperimentFolder _folder;
    private readonly EpisodeReader _reader;
    private readonly IReadOnlyList<EpisodeLabel> _labels;

    private ExperimentScorer(ExperimentFolder folder, EpisodeReader reader, IReadOnlyList<EpisodeLabel> labels, EpisodeScorer scorer) =>
        (_folder, _reader, _labels, Scorer) = (folder, reader, labels, scorer);

    /// <summary>The tuned detectors, and what latencies are ordinary.</summary>
    public EpisodeScorer Scorer { get; }

    /// <summary>Tunes all detectors on the benign episodes of an experiment in the lab's network.</summary>
    /// <param name="folder">The experiment.</param>
    /// <param name="correlator">Correlates the episodes; used by this alone as long as it scores.</param>
    /// <param name="rate">The false-positive rate that detectors are tuned to.</param>
    /// <param name="cancellation">Leaves it.</param>
    /// <exception cref="InputException">A file is missing or cannot be used, or there are no benign requests.</exception>
    public static async Task<ExperimentScorer> TuneAsync(
        ExperimentFolder folder, OfflineCorrelator correlator, double rate = DefaultRate, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(correlator);
        var reader = new EpisodeReader(correlator, NetworkAddress.From(LabNetwork.ClientAddress), NetworkAddress.From(LabNetwork.ServerAddress));
        var labels = Labels(folder);
        var scorer = await EpisodeScorer.TuneAsync(
            DetectorSet.Create(correlator.Settings),
            [.. labels.Where(label => label.Kind == EpisodeKind.Benign)],
            label => reader.ReadAsync(Path.Combine(folder.CrossLayer, label.Episode), cancellation),
            rate, correlator.Settings);
        return new ExperimentScorer(folder, reader, labels, scorer);
    }

    /// <summary>All episodes that were recorded with the probe, in order of their names; each is read when it is asked for.</summary>
    /// <exception cref="InputException">A file is missing or cannot be used.</exception>
    public async IAsyncEnumerable<ScoredEpisode> ScoreAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var label in _labels)
            yield return Scorer.Score(label, await _reader.ReadAsync(Path.Combine(_folder.CrossLayer, label.Episode), cancellation));
    }

    /// <summary>The labels, without those of episodes that were recorded without the probe.</summary>
    private static IReadOnlyList<EpisodeLabel> Labels(ExperimentFolder folder)
    {
        if (!Directory.Exists(folder.Labels))
            throw new InputException($"{folder.Labels} does not exist; expected the labels of an experiment");
        return
        [
            .. Directory.GetFiles(folder.Labels, "*.json").Order(StringComparer.Ordinal).Select(EpisodeLabel.Read)
                .Where(label => Directory.Exists(Path.Combine(folder.CrossLayer, label.Episode))
                    || !Directory.Exists(Path.Combine(folder.Baseline, label.Episode))),
        ];
    }
}
