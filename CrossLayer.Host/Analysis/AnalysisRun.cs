using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Output;
using CrossLayer.Host.Analysis.Summaries;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis;

/// <summary>Analyses a folder, an experiment's or a recording's, and leaves the files of the analysis.</summary>
/// <param name="score">Tunes the detectors and lets them judge.</param>
/// <param name="progress">Told how many of how many steps are done.</param>
internal sealed class AnalysisRun(ScoreExperiment score, Action<int, int> progress)
{
    /// <summary>Analyses.</summary>
    /// <param name="folder">What is there.</param>
    /// <param name="target">Where the files go.</param>
    /// <param name="falsePositives">The share of ordinary requests that a detector may alarm on at most.</param>
    /// <param name="cancellation">Leaves it; what is written by then is whole.</param>
    /// <exception cref="InputException">The folder holds nothing to analyse, or a file cannot be used or written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<AnalysisSummary> RunAsync(ExperimentFolder folder, string target, double falsePositives, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder.Path))
            throw new InputException($"{folder.Path} does not exist; expected the folder of an experiment or of a recording");
        var costs = File.Exists(folder.Costs) ? CostSummary.Of(CostMeasurement.ReadAll(folder.Costs)) : null;
        var (summary, scored) = Directory.Exists(folder.Labels) || File.Exists(folder.Plan)
            ? await AnalyzeAsync(folder, falsePositives, costs, cancellation)
            : (OfRecording(folder, costs, cancellation), null);
        AnalysisFiles.Write(target, summary, scored, cancellation);
        return summary;
    }

    private static AnalysisSummary OfRecording(ExperimentFolder folder, CostSummary? costs, CancellationToken cancellation)
    {
        var recording = RecordingReader.Read(folder.Path, cancellation).Summarize("recording");
        return new AnalysisSummary(AnalysisSummary.CurrentVersion, folder.Path, Headline.Of(recording), null, [recording], costs);
    }

    // What was recorded without the probe has no labels: nothing but its plain figures is asked of it.
    private static MetricsSummary? Baseline(ExperimentFolder folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder.Baseline))
            return null;
        EpisodeMetrics? all = null;
        foreach (var episode in Directory.EnumerateDirectories(folder.Baseline).Order(StringComparer.Ordinal))
        {
            var figures = RecordingReader.Read(episode, cancellation);
            if (all is null)
                all = figures;
            else
                all.Add(figures);
        }

        return all?.Summarize("baseline");
    }

    private async Task<(AnalysisSummary Summary, ScoredExperiment Scored)> AnalyzeAsync(
        ExperimentFolder folder, double falsePositives, CostSummary? costs, CancellationToken cancellation)
    {
        var labels = ExperimentReader.ReadLabels(folder, cancellation);
        var metrics = new SortedDictionary<EpisodeKind, EpisodeMetrics>();
        var scored = await score(new ScoringTask(folder, labels, falsePositives, Visit, progress), cancellation);
        var experiment = ExperimentAnalysis.Of(scored, falsePositives, costs, cancellation);
        var summaries = metrics.Select(pair => pair.Value.Summarize(TestedEpisode.Name(pair.Key))).ToList();
        if (Baseline(folder, cancellation) is { } baseline)
            summaries.Insert(0, baseline);
        return (new AnalysisSummary(AnalysisSummary.CurrentVersion, folder.Path, Headline.Of(experiment), experiment, summaries, costs), scored);

        void Visit(EpisodeLabel label, EpisodeInput episode)
        {
            var records = episode.ClientRecords.Count > 0 ? episode.ClientRecords : episode.ServerRecords;
            var figures = EpisodeMetrics.Of(records, episode.KernelEvents, episode.Correlations);
            if (!metrics.TryAdd(label.Kind, figures))
                metrics[label.Kind].Add(figures);
        }
    }
}
