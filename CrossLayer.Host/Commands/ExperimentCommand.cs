using System.CommandLine;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Scoring;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;
using CrossLayer.Probe;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer experiment</c>: faults with a ground truth, and what each layer makes of them.</summary>
internal static class ExperimentCommand
{
    private const string EveryScenario = "all";
    private const int MaxEpisodes = 10_000;
    private static readonly EnumNames<ExperimentPhases> Phases = new();

    /// <summary>The command.</summary>
    /// <param name="score">Tunes the detectors and lets them judge.</param>
    public static Command Create(ScoreExperiment score)
    {
        var scenarios = new Option<string[]>("--scenario")
        {
            Description = "What to inject: all, or scenarios by name, with commas between them; docs/lab.md lists them.",
            HelpName = "names",
            DefaultValueFactory = _ => [EveryScenario],
        };
        var phase = new Option<ExperimentPhases>("--phase")
        {
            Description = "baseline: without the probe; cross_layer: ordinary traffic with it; scenarios: faults and negatives; comparison: "
                + "detectors over what is there, which needs no root; or all of these.",
            HelpName = "phase",
            DefaultValueFactory = _ => ExperimentPhases.All,
            CustomParser = result =>
            {
                if (Phases.TryGetValue(result.Tokens[0].Value, out var value))
                    return value;
                result.AddError($"--phase is '{result.Tokens[0].Value}'; expected baseline, cross_layer, scenarios, comparison or all");
                return default;
            },
        };
        var episodes = CommandOptions.Whole("--episodes", "Episodes of each scenario, some 5 s each; 1 is a smoke run.", 2, 1, MaxEpisodes);
        var seed = CommandOptions.Whole("--seed", "Even seeds are for development; odd ones for reporting, with levels and mixes that development has not seen.",
            1, 0, int.MaxValue);
        var output = new Option<string>("--output")
        {
            Description = "The experiment's folder; one that was begun with the same options is gone on with.",
            HelpName = "folder",
            DefaultValueFactory = _ => "results",
        };
        var command = new Command("experiment", "Inject faults with a ground truth, and measure what each layer makes of them (needs root).")
        {
            scenarios, phase, episodes, seed, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var phases = parsed.GetValue(phase);
            var folder = new ExperimentFolder(parsed.GetRequiredValue(output));
            var (print, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (phases != ExperimentPhases.Comparison || ((Option[])[scenarios, episodes, seed]).Any(option => parsed.GetResult(option) is { Implicit: false }))
            {
                var plan = ExperimentPlan.Of(parsed.GetRequiredValue(episodes), parsed.GetRequiredValue(seed), Named(parsed.GetRequiredValue(scenarios)));
                if (!await RecordAsync(plan, phases, folder, print, cancellation))
                    return ExitCode.Failed;
            }

            return phases.HasFlag(ExperimentPhases.Comparison) ? await CompareAsync(score, folder, print, error, cancellation) : ExitCode.Done;
        });
        return command;
    }

    private static List<string> Named(string[] given)
    {
        var names = given.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct().ToList();
        if (names is [] or [EveryScenario])
            return [.. ScenarioCatalog.Everything.Select(scenario => scenario.Name)];
        foreach (var name in names.Where(name => ScenarioCatalog.Everything.All(scenario => scenario.Name != name)))
            throw new InputException($"--scenario is '{name}'; expected all, or some of {string.Join(", ", ScenarioCatalog.Everything.Select(scenario => scenario.Name))}");
        return names;
    }

    /// <summary>Records what is not there yet, if anything is to be recorded; false if it was stopped.</summary>
    private static async Task<bool> RecordAsync(
        ExperimentPlan plan, ExperimentPhases phases, ExperimentFolder folder, TextWriter output, CancellationToken cancellation)
    {
        if (phases == ExperimentPhases.Comparison)
        {
            Check(plan, folder);
            return true;
        }

        if (LabTool.Missing() is { } missing)
            throw new ProbeUnavailableException(missing);
        Begin(plan, folder);
        try
        {
            await ShowAsync(plan, phases, folder, output, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await output.WriteLineAsync($"stopped; the same command goes on with {folder.Path} where it was");
            return false;
        }

        await output.WriteLineAsync($"recorded in {folder.Path}");
        return true;
    }

    private static async Task<int> CompareAsync(
        ScoreExperiment score, ExperimentFolder folder, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        // A folder without a plan may be a recording, which analyze takes and this does not.
        _ = ExperimentPlan.Read(folder.Plan);
        try
        {
            var summary = await AnalysisOutput.RunAsync(score, folder, folder.Analysis, ExperimentScorer.DefaultFalsePositives, error, cancellation);
            await AnalysisOutput.PrintAsync(summary, folder.Analysis, output);
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await output.WriteLineAsync($"stopped; nothing was concluded from {folder.Path}, and crosslayer analyze --input {folder.Path} does so");
            return ExitCode.Failed;
        }
    }

    private static void Begin(ExperimentPlan plan, ExperimentFolder folder)
    {
        try
        {
            Directory.CreateDirectory(folder.Path);
            if (!File.Exists(folder.Plan))
                plan.Write(folder.Plan);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{folder.Path} cannot be written: {OneLine.Of(exception.Message)}; give another --output", exception);
        }

        Check(plan, folder);
    }

    private static void Check(ExperimentPlan plan, ExperimentFolder folder)
    {
        if (ExperimentPlan.Read(folder.Plan) is var begun && !begun.IsSameAs(plan))
            throw new InputException($"{folder.Path} holds an experiment with other options (--episodes {begun.Episodes} --seed {begun.Seed}, "
                + $"{begun.Scenarios.Count} scenarios): give those, or another --output");
    }

    private static Task ShowAsync(ExperimentPlan plan, ExperimentPhases phases, ExperimentFolder folder, TextWriter output, CancellationToken cancellation)
    {
        if (Terminal.IsTerminal(output))
            return AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(context =>
                {
                    var bar = context.AddTask("experiment");
                    return new ExperimentRun(plan, folder, now =>
                    {
                        bar.MaxValue = Math.Max(1, now.Steps);
                        bar.Value = now.Done;
                        bar.Description = now.What;
                    }).RunAsync(phases, cancellation);
                });
        return new ExperimentRun(plan, folder, now =>
        {
            output.WriteLine($"{now.Done} of {now.Steps}: {now.What}");
            output.Flush();
        }).RunAsync(phases, cancellation);
    }
}
