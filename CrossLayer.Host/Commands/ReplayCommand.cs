using System.CommandLine;
using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Recording;
using CrossLayer.Host.Daemon;
using CrossLayer.Host.Replaying;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer replay</c>: a recording through the graph again.</summary>
internal static class ReplayCommand
{
    private const string Section = "crosslayer.correlation";
    private const int MaxWindowMs = 3_600_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "A configuration; what it says of crosslayer.correlation goes before what the run had.", HelpName = "file" };
        var journal = new Option<string?>("--journal") { Description = "The journal's file, if not the configured one.", HelpName = "file" };
        var from = CommandOptions.Since("--from", "Only requests that began then or later: a time such as 2026-01-31T10:00:00Z, or an age such as 90s, 15m, 2h, 7d.");
        var to = CommandOptions.Since("--to", "Only requests that began before then: a time or an age.");
        var session = new Option<string?>("--session") { Description = "Which session, as --list names it. Without it, the last; with --from or --to, all of that time.", HelpName = "id|last" };
        var window = CommandOptions.Whole("--window", "The settle time, in milliseconds; 0 for that of the run.", 0, 0, MaxWindowMs);
        var set = new Option<string[]>("--set") { Description = "Another value for a setting of crosslayer.correlation, such as slow=100ms. May be given several times.", HelpName = "key=value" };
        var output = CommandOptions.Output("results/replayed.json");
        var format = CommandOptions.Format();
        var list = new Option<bool>("--list") { Description = "Only list the recordings that the journal holds." };
        var command = new Command("replay", "Send a recording through the same pipeline again, and say what changed.")
        {
            config, journal, from, to, session, window, set, output, format, list,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var configured = parsed.GetValue(config) is { } file ? HoconFile.Read(file) : Config.Empty;
            var settings = JournalSettings.From(configured.WithFallback(DefaultConfiguration.Load()), parsed.GetValue(journal));
            var streams = parsed.InvocationConfiguration;
            if (parsed.GetValue(list))
                return await ListAsync(settings, parsed.GetRequiredValue(format), streams.Output);
            var changes = Changes(configured, parsed.GetValue(window), parsed.GetValue(set) ?? []);
            var span = new ReplaySpan(Nanoseconds(parsed.GetValue(from)), Nanoseconds(parsed.GetValue(to)));
            return await RunAsync(settings, new ReplayRequest(parsed.GetValue(session), span, changes), parsed.GetRequiredValue(output),
                parsed.GetRequiredValue(format), streams.Output, cancellation);
        });
        return command;
    }

    private static async Task<int> ListAsync(JournalSettings journal, OutputFormat format, TextWriter output)
    {
        await using var run = new ReplayRun(journal);
        await SessionList.WriteAsync(await run.SessionsAsync(), format, journal.Name, output);
        return ExitCode.Done;
    }

    private static async Task<int> RunAsync(JournalSettings journal, ReplayRequest request, string path, OutputFormat format, TextWriter output,
        CancellationToken cancellation)
    {
        await using var run = new ReplayRun(journal);
        var result = Terminal.IsTerminal(output)
            ? await AnsiConsole.Progress().StartAsync(async context =>
            {
                var bar = context.AddTask("replaying").IsIndeterminate();
                return await run.RunAsync(request, path, rows => bar.Description = $"replaying: {rows} rows", cancellation);
            })
            : await run.RunAsync(request, path, _ => { }, cancellation);
        if (format == OutputFormat.Table)
            await ReplayReport.WriteTextAsync(result, path, output);
        else
            await ReplayReport.WriteJsonAsync(result, format, output);
        return ExitCode.Done;
    }

    /// <summary>What is to differ from the run: of the command line before what the file says.</summary>
    private static Config Changes(Config configured, int windowMs, string[] set)
    {
        var changes = configured;
        if (windowMs > 0)
            changes = ConfigurationFactory.ParseString($"{Section}.settle = {windowMs}ms").WithFallback(changes);
        foreach (var setting in set)
        {
            var (key, value) = setting.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (setting[..at].Trim(), setting[(at + 1)..].Trim()) : ("", "");
            var name = key.StartsWith($"{Section}.", StringComparison.Ordinal) ? key[(Section.Length + 1)..] : key;
            if (value.Length == 0 || !Known(name))
                throw new InputException($"--set is '{setting}'; expected key=value with a key of {Section}: {string.Join(", ", Keys())}");
            changes = Readable(HoconFile.Parse($"{Section}.{name} = {value}", $"--set {setting}"), $"--set {setting}").WithFallback(changes);
        }

        return changes;
    }

    private static Config Readable(Config change, string where)
    {
        try
        {
            CorrelationSettings.From(change.WithFallback(DefaultConfiguration.Load()));
            return change;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new InputException($"{where} has a value that cannot be read: {exception.Message.TrimEnd('.')}");
        }
    }

    private static bool Known(string key) => Keys().Contains(key);

    private static IEnumerable<string> Keys() => DefaultConfiguration.Load().GetConfig(Section).AsEnumerable().Select(pair => pair.Key).Order(StringComparer.Ordinal);

    private static long? Nanoseconds(DateTimeOffset? moment) => moment is { } known ? UnixTime.Nanoseconds(known) : null;
}
