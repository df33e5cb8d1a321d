using System.CommandLine;
using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Analysis.Scoring;
using CrossLayer.Host.Commands;
using CrossLayer.Probe;

namespace CrossLayer.Host;

/// <summary>The program: runs a command line, and turns what goes wrong into one line and an exit code.</summary>
internal static class Program
{
    private const string Name = "crosslayer";

    // What a command needs at most to end in order after Ctrl-C or SIGTERM; afterwards the process ends regardless.
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(15);

    private static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "Show where in the program an error arose.",
        Recursive = true,
    };

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The words after the program's name.</param>
    /// <param name="output">Takes what commands print.</param>
    /// <param name="error">Takes the line of an error.</param>
    /// <param name="cancellation">As Ctrl-C.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken cancellation = default)
    {
        var parsed = Root().Parse(arguments.Count > 0 ? arguments : ["--help"]);
        if (Misuse(parsed) is { } misuse)
            return await FailAsync(error, ExitCode.BadInput, $"{misuse} (--help tells more)");
        try
        {
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Error = error,
                Output = output,
                ProcessTerminationTimeout = parsed.CommandResult.Command.Name == RunCommand.Name ? RunCommand.EndTimeout : EndTimeout,
            };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (InputException exception)
        {
            return await FailAsync(error, ExitCode.BadInput, Describe(exception));
        }
        catch (Exception exception) when (exception is JournalUnavailableException or ConfigurationException)
        {
            return await FailAsync(error, ExitCode.BadInput, Describe(exception));
        }
        catch (ProbeUnavailableException exception)
        {
            return await FailAsync(error, ExitCode.NoKernelEvidence, Describe(exception));
        }
        catch (Exception exception)
        {
            return await FailAsync(error, ExitCode.Failed, Describe(exception));
        }

        string Describe(Exception exception) =>
            parsed.GetValue(Verbose) ? exception.ToString() : exception.Message.ReplaceLineEndings(" ");
    }

    private static Task<int> Main(string[] arguments) => RunAsync(arguments, Console.Out, Console.Error);

    // Every command of the program is added here.
    private static RootCommand Root()
    {
        var root = new RootCommand("Holds what applications report of their requests against what the kernel saw of them.")
        {
            DemoCommand.Create(),
            RunCommand.Create(),
            ClusterCommand.Create(),
            ServeCommand.Create(),
            LoadCommand.Create(),
            ProbeCommand.Create(),
            CorrelateCommand.Create(),
            ExperimentCommand.Create(Score),
            DiscrepanciesCommand.Create(),
            ReplayCommand.Create(),
            AnalyzeCommand.Create(Score),
            DoctorCommand.Create(),
            HealthCommand.Create(),
            WatchCommand.Create(),
            LabServerCommand.Create(),
            Verbose,
        };
        root.HelpName = Name;
        return root;
    }

    private static Task<ScoredExperiment> Score(ScoringTask task, CancellationToken cancellation) =>
        ExperimentScorer.ScoreAsync(DefaultConfiguration.Load(), task, cancellation);

    private static string? Misuse(ParseResult parsed) => parsed switch
    {
        { UnmatchedTokens: [var word, ..] } => $"'{word}' is neither a command nor an option of {NameOf(parsed)}",
        { Errors: [var first, ..] } => first.Message.TrimEnd('.'),
        _ => null,
    };

    private static string NameOf(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? Name : $"{Name} {parsed.CommandResult.Command.Name}";

    private static async Task<int> FailAsync(TextWriter error, int exitCode, string message)
    {
        await error.WriteLineAsync($"error: {message}");
        return exitCode;
    }
}
