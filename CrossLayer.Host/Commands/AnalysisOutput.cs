using System.Globalization;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Report;
using CrossLayer.Host.Analysis.Summaries;
using CrossLayer.Host.Experiments;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary>An analysis as commands run and print it.</summary>
internal static class AnalysisOutput
{
    /// <summary>Analyses a folder, and tells the error stream how far it is.</summary>
    /// <inheritdoc cref="AnalysisRun.RunAsync"/>
    public static Task<AnalysisSummary> RunAsync(
        ScoreExperiment score, ExperimentFolder folder, string target, double falsePositives, TextWriter error, CancellationToken cancellation)
    {
        var run = new AnalysisRun(score, new ProgressLines(error).Report);
        return Task.Run(() => run.RunAsync(folder, target, falsePositives, cancellation), CancellationToken.None);
    }

    /// <summary>Prints what there is to know, a table for each kind of episodes, and where the report is.</summary>
    public static async Task PrintAsync(AnalysisSummary summary, string target, TextWriter output)
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
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} of {steps} episodes analysed"));
        }
    }
}
