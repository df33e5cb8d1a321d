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
        var url = new Option<Uri>("--url")
        {
            Description = "Where the daemon serves its metrics.",
            HelpName = "url",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:9470/"),
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var given)
                    && (given.Scheme == Uri.UriSchemeHttp || given.Scheme == Uri.UriSchemeHttps))
                    return given;
                result.AddError($"--url is '{text}'; expected a URL such as http://127.0.0.1:9470");
                return null;
            },
        };
        var tokenFile = new Option<string?>("--token-file") { Description = "A file whose first line is shown to the daemon.", HelpName = "file" };
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
            parsed.GetRequiredValue(url), Token(parsed.GetValue(tokenFile)), parsed.GetRequiredValue(format),
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

    private static string? Token(string? path)
    {
        if (path is null)
            return null;
        try
        {
            return File.ReadLines(path).FirstOrDefault()?.Trim() is { Length: > 0 } token
                ? token
                : throw new InputException($"--token-file {path}: its first line is empty; it must be the token");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"--token-file {path}: {exception.Message}", exception);
        }
    }
}
