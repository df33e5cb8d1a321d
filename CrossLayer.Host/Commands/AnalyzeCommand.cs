using System.CommandLine;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Scoring;
using CrossLayer.Host.Experiments;

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
        var falsePositives = CommandOptions.Share(
            "--false-positives", "The share of ordinary requests that each detector may alarm on at most.", ExperimentScorer.DefaultFalsePositives);
        var format = CommandOptions.TableOrJson();
        var command = new Command("analyze", "Hold detectors against what is known of an experiment: statistics, comparison, HTML report.")
        {
            input, analysis, falsePositives, format,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = new ExperimentFolder(parsed.GetRequiredValue(input));
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var target = parsed.GetValue(analysis) ?? folder.Analysis;
            try
            {
                var summary = await AnalysisOutput.RunAsync(score, folder, target, parsed.GetValue(falsePositives), error, cancellation);
                if (parsed.GetValue(format) == OutputFormat.Json)
                    await output.WriteLineAsync(summary.ToJson());
                else
                    await AnalysisOutput.PrintAsync(summary, target, output);
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
}
