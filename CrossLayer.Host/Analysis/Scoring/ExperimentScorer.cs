using Akka.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Host.Analysis.Detectors;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;
using CrossLayer.Probe;

namespace CrossLayer.Host.Analysis.Scoring;

/// <summary>Scores a stored experiment. Each episode is correlated once for each view of it.</summary>
internal sealed class ExperimentScorer
{
    /// <summary>Of a thousand ordinary requests, one false alarm.</summary>
    public const double DefaultFalsePositives = 0.001;

    private readonly ScoringTask _task;
    private readonly EpisodeReader _reader;
    private readonly IReadOnlyList<IDetector> _detectors;
    private readonly TimeSpan _clockTolerance;
    private readonly CancellationToken _cancellation;
    private int _done;

    private ExperimentScorer(ScoringTask task, OfflineCorrelator correlator, IReadOnlyList<IDetector> detectors, CancellationToken cancellation)
    {
        (_task, _detectors, _clockTolerance, _cancellation) = (task, detectors, correlator.Settings.ClockTolerance, cancellation);
        _reader = new EpisodeReader(correlator, NetworkAddress.From(LabNetwork.ClientAddress), NetworkAddress.From(LabNetwork.ServerAddress));
    }

    /// <summary>
    /// Teaches detectors, and what is slow, by the records of the benign episodes; tunes them on what they make of these; and lets them judge all.
    /// </summary>
    /// <param name="config">How episodes are correlated, but for the limits that are learned.</param>
    /// <param name="task">What is to be scored.</param>
    /// <param name="cancellation">Leaves it.</param>
    /// <inheritdoc cref="ScoreExperiment" path="/exception"/>
    public static async Task<ScoredExperiment> ScoreAsync(Config config, ScoringTask task, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(task);
        // What is slow is a matter of the correlator; detectors look at the other settings alone, which stay as they are.
        var detectors = DetectorSet.Create(CorrelationSettings.From(config));
        var limits = Learn(task, detectors, cancellation);
        await using var correlator = OfflineCorrelator.Start(
            ConfigurationFactory.ParseString(SlowRoute.ToHocon(limits.Select(limit => limit.Slow))).WithFallback(config));
        var scored = await new ExperimentScorer(task, correlator, detectors, cancellation).ScoreAsync();
        return scored with { SlowLimits = limits };
    }

    private static IReadOnlyList<LearnedLimit> Learn(ScoringTask task, IReadOnlyList<IDetector> detectors, CancellationToken cancellation)
    {
        var limits = new LearnedLimits();
        foreach (var label in task.Labels.Where(IsBenign))
        {
            cancellation.ThrowIfCancellationRequested();
            var records = EpisodeReader.ReadRecords(FolderOf(task, label));
            limits.Learn(records);
            foreach (var detector in detectors)
                detector.Learn(records);
        }

        return limits.ToList();
    }

    private static bool IsBenign(EpisodeLabel label) => label.Kind == EpisodeKind.Benign;

    private static string FolderOf(ScoringTask task, EpisodeLabel label) => Path.Combine(task.Folder.CrossLayer, label.Episode);

    private async Task<ScoredExperiment> ScoreAsync()
    {
        var benign = new List<JudgedEpisode>();
        foreach (var label in _task.Labels.Where(IsBenign))
            benign.Add(await JudgeAsync(label));
        var scorer = EpisodeScorer.Tune(_detectors, benign, _task.FalsePositives);
        var scored = benign.Select(scorer.Score).ToList();
        foreach (var label in _task.Labels.Where(label => !IsBenign(label)))
            scored.Add(scorer.Score(await JudgeAsync(label)));
        return new ScoredExperiment(
            [.. scorer.Detectors.Select(detector => new DetectorDescription(detector.Name, detector.Layer, detector.Tuning.Threshold, detector.Tuning.Rate))],
            [.. scored.OrderBy(episode => episode.Label.Episode, StringComparer.Ordinal)]);
    }

    private async Task<JudgedEpisode> JudgeAsync(EpisodeLabel label)
    {
        _task.Progress(_done, _task.Labels.Count);
        var input = await _reader.ReadAsync(FolderOf(_task, label), _cancellation);
        _task.Visit(label, input);
        var judged = JudgedEpisode.Of(label, input, _detectors, _clockTolerance);
        _task.Progress(++_done, _task.Labels.Count);
        return judged;
    }
}
