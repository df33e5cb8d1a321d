using System.CommandLine;
using System.Globalization;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Measures;
using CrossLayer.Host.Analysis.Output;
using CrossLayer.Host.Analysis.Report;
using CrossLayer.Host.Analysis.Summaries;
using CrossLayer.Host.Experiments;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer analyze</c>: what detectors make of an experiment, or what a recording holds; statistics and a report.</summary>
internal static class AnalyzeCommand
{
    /// <summary>The command.</summary>
    /// <param name="score">Tunes the detectors and lets them judge.</param>
    public static Command Create(ScoreExperiment score)
    {
        var input = new Option<string>("--input")
        {
            Description = "The folder of an experiment, or one with client_metrics.json and, where they are there, ebpf_events.json and correlations.json.",
            HelpName = "folder",
            Required = true,
        };
        var analysis = new Option<string?>("--output") { Description = "Where the files go; analysis in the input folder unless given.", HelpName = "folder" };
        var falsePositives = CommandOptions.Share("--false-positives", "The share of ordinary requests that each detector may alarm on at most.", 0.001);
        var format = CommandOptions.TableOrJson();
        var command = new Command("analyze", "Hold detectors against what is known of an experiment: statistics, comparison, HTML report.")
        {
            input, analysis, falsePositives, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = new ExperimentFolder(parsed.GetRequiredValue(input));
            var output = parsed.InvocationConfiguration.Output;
            var target = parsed.GetValue(analysis) ?? folder.Analysis;
            try
            {
                var summary = await Task.Run(() => Analyze(folder, target, parsed.GetValue(falsePositives), score, parsed.InvocationConfiguration.Error, cancellation), CancellationToken.None);
                if (parsed.GetValue(format) == OutputFormat.Json)
                    await output.WriteLineAsync(summary.ToJson());
                else
                    await PrintAsync(summary, target, output);
                return ExitCode.Done;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                await output.WriteLineAsync($"stopped; nothing was concluded from {folder.Path}");
                return ExitCode.Failed;
            }
        });
        return command;
    }

    private static AnalysisSummary Analyze(
        ExperimentFolder folder, string target, double falsePositives, ScoreExperiment score, TextWriter progress, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder.Path))
            throw new InputException($"{folder.Path} does not exist; expected the folder of an experiment or of a recording");
        var costs = File.Exists(folder.Costs) ? CostSummary.Of(CostMeasurement.ReadAll(folder.Costs)) : null;
        if (!Directory.Exists(folder.Labels))
        {
            if (File.Exists(folder.Plan))
                throw new InputException($"{folder.Path} has a plan and no {folder.Labels}; nothing is known of its episodes");
            var recording = RecordingReader.Read(folder.Path, cancellation).Summarize("recording");
            return Write(new AnalysisSummary(AnalysisSummary.CurrentVersion, folder.Path, Headline.Of(recording), null, [recording], costs), null);
        }

        var labels = ExperimentReader.ReadLabels(folder, cancellation);
        var metrics = new SortedDictionary<EpisodeKind, EpisodeMetrics>();
        var steps = new ProgressLines(progress);
        var scored = score(new ScoringTask(folder, labels, falsePositives, Visit, steps.Report), cancellation);
        var experiment = ExperimentAnalysis.Of(scored, falsePositives, costs, cancellation);
        var summaries = metrics.Select(pair => pair.Value.Summarize(TestedEpisode.Name(pair.Key))).ToList();
        if (Baseline(folder, cancellation) is { } baseline)
            summaries.Insert(0, baseline);
        return Write(new AnalysisSummary(AnalysisSummary.CurrentVersion, folder.Path, Headline.Of(experiment), experiment, summaries, costs), scored);

        AnalysisSummary Write(AnalysisSummary summary, ScoredExperiment? decisions)
        {
            AnalysisFiles.Write(target, summary, decisions, cancellation);
            return summary;
        }

        void Visit(EpisodeLabel label, EpisodeInput episode)
        {
            var records = episode.ClientRecords.Count > 0 ? episode.ClientRecords : episode.ServerRecords;
            var figures = EpisodeMetrics.Of(records, episode.KernelEvents, episode.Correlations);
            if (!metrics.TryAdd(label.Kind, figures))
                metrics[label.Kind].Add(figures);
        }
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

    private static async Task PrintAsync(AnalysisSummary summary, string target, TextWriter output)
    {
        await output.WriteLineAsync(summary.Headline);
        var console = Terminal.For(output);
        foreach (var scope in summary.Experiment?.Scopes ?? [])
        {
            console.WriteLine();
            console.MarkupLine($"[bold]{Markup.Escape(Words.KindTitle(scope.Kind))}[/] ({scope.Episodes.ToString(CultureInfo.InvariantCulture)} episodes)");
            var table = new Spectre.Console.Table().Border(TableBorder.Simple)
                .AddColumns("Detector", "Recall, impacted", "Precision, impacted", "Episodes", "Delay p50", "Delay p95", "Top-1 cause");
            foreach (var detector in scope.Detectors)
                table.AddRow(
                    detector.Detector, Words.WithInterval(detector.Impacted.Recall), Words.WithInterval(detector.Impacted.Precision), Words.Of(detector.EpisodesDetected),
                    Words.Seconds(detector.Delay.MedianSeconds), Words.Seconds(detector.Delay.P95Seconds), Words.Of(detector.Causes?.EpisodeTop1));
            console.Write(table);
        }

        await output.WriteLineAsync($"report in {Path.Combine(target, "report.html")}");
    }

    /// <summary>Lines on the error stream, so that the output stays whole: at the start and end, and every ten seconds in between.</summary>
    private sealed class ProgressLines(TextWriter error)
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
        private readonly TimeProvider _time = TimeProvider.System;
        private long? _last;

        public void Report(int done, int steps)
        {
            if (done < steps && _last is { } last && _time.GetElapsedTime(last) < Interval)
                return;
            _last = _time.GetTimestamp();
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} of {steps} episodes"));
        }
    }
}
