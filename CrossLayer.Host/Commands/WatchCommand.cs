using System.CommandLine;
using CrossLayer.Host.Outputs.Watch;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer watch</c>: what a daemon sees, as it sees it.</summary>
internal static class WatchCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var url = CommandOptions.DaemonUrl();
        var tokenFile = CommandOptions.TokenFile();
        var format = new Option<OutputFormat>("-o")
        {
            Description = "How to print: table (a screen; without a terminal, lines) or jsonl.",
            HelpName = "format",
            DefaultValueFactory = _ => OutputFormat.Table,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (text is not ("table" or "jsonl"))
                    result.AddError($"-o is '{text}'; expected table or jsonl");
                return text == "jsonl" ? OutputFormat.Jsonl : OutputFormat.Table;
            },
        };
        var command = new Command("watch", "Show what a running daemon sees, until Ctrl-C.") { url, tokenFile, format };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetRequiredValue(url), CommandOptions.TokenIn(parsed.GetValue(tokenFile)), parsed.GetRequiredValue(format),
            parsed.InvocationConfiguration.Output, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Uri url, string? token, OutputFormat format, TextWriter output, CancellationToken cancellation)
    {
        using var watcher = new DaemonWatcher(url, token);
        if (format == OutputFormat.Table && Terminal.IsTerminal(output))
        {
            var screen = new WatchScreen(url);
            await Terminal.For(output).Live(screen.Render()).StartAsync(async live =>
            {
                await foreach (var next in watcher.WatchAsync(cancellation))
                {
                    screen.Apply(next);
                    live.UpdateTarget(screen.Render());
                }
            });
            return ExitCode.Done;
        }

        await foreach (var next in watcher.WatchAsync(cancellation))
        {
            await output.WriteLineAsync(format == OutputFormat.Jsonl ? WatchLines.Json(next) : WatchLines.Text(next, url));
            await output.FlushAsync(CancellationToken.None);
        }

        return ExitCode.Done;
    }
}
