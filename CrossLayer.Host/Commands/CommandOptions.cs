using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;
using CrossLayer.Probe.Hooks;

namespace CrossLayer.Host.Commands;

/// <summary>Options whose bad values are refused in one line that names the option, the value and what is allowed.</summary>
internal static class CommandOptions
{
    private static readonly EnumNames<OutputFormat> Formats = new();
    private static readonly EnumNames<HookChoice> HookChoices = new();

    /// <summary>A whole number within bounds.</summary>
    public static Option<int> Whole(string name, string description, int fallback, int low, int high) => new(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => fallback,
        CustomParser = result => Read(result, $"a whole number from {low} to {high}", (string text, out int value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            && value >= low && value <= high),
    };

    /// <summary>A share, from 0 to 1.</summary>
    public static Option<double> Share(string name, string description, double fallback) => new(name)
    {
        Description = description,
        HelpName = "share",
        DefaultValueFactory = _ => fallback,
        CustomParser = result => Read(result, "a number from 0 to 1", (string text, out double value) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1),
    };

    /// <summary>An IP address.</summary>
    public static Option<IPAddress> Address(string name, string description, IPAddress fallback) => new(name)
    {
        Description = description,
        HelpName = "address",
        DefaultValueFactory = _ => fallback,
        CustomParser = result => Read<IPAddress>(result, "an IP address such as 127.0.0.1, 0.0.0.0 or ::1", IPAddress.TryParse),
    };

    /// <summary>An http URL; required.</summary>
    public static Option<Uri> HttpUrl(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "url",
        Required = true,
        CustomParser = result => Read(result, "a URL such as http://localhost:8080/", (string text, out Uri? url) =>
            Uri.TryCreate(text, UriKind.Absolute, out url) && url.Scheme == Uri.UriSchemeHttp),
    };

    /// <summary>Ports; may be given several times.</summary>
    public static Option<ushort[]> Ports(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "port",
        Arity = ArgumentArity.ZeroOrMore,
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            var ports = new ushort[result.Tokens.Count];
            for (var i = 0; i < ports.Length; i++)
                if (!ushort.TryParse(result.Tokens[i].Value, NumberStyles.None, CultureInfo.InvariantCulture, out ports[i]) || ports[i] == 0)
                    result.AddError($"{name} is '{result.Tokens[i].Value}'; expected a whole number from 1 to 65535");
            return ports;
        },
    };

    /// <summary>A moment, or an age counted back from now.</summary>
    public static Option<DateTimeOffset?> Since(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result => Read(result, "a time such as 2026-01-31T10:00:00Z, or an age such as 90s, 15m, 2h, 7d",
            (string text, out DateTimeOffset? value) => (value = Moment(text)) is not null),
    };

    /// <summary>Causes; may be given several times.</summary>
    public static Option<Cause[]> Causes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "cause",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
        CustomParser = result =>
        {
            var causes = new Cause[result.Tokens.Count];
            for (var i = 0; i < causes.Length; i++)
                if (!CorrelationNames.Causes.TryGetValue(result.Tokens[i].Value, out causes[i]))
                    result.AddError($"{name} is '{result.Tokens[i].Value}'; expected one of {CorrelationNames.Causes.Legal}");
            return causes;
        },
    };

    /// <summary>A file to read; required.</summary>
    public static Option<string> InputFile(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "file",
        Required = true,
    };

    /// <summary>A file to read, if one is given.</summary>
    public static Option<string?> OptionalInputFile(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "file",
    };

    /// <summary>Files to read.</summary>
    public static Option<string[]> InputFiles(string name, string description, bool required = true) => new(name)
    {
        Description = description,
        HelpName = "file",
        Required = required,
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>A file to write.</summary>
    public static Option<string> Output(string fallback) => new("--output")
    {
        Description = "Where the records go: a JSON array, and JSON lines in a .jsonl file beside it.",
        HelpName = "file",
        DefaultValueFactory = _ => fallback,
    };

    /// <summary>Settings over file and environment.</summary>
    public static Option<string[]> Settings() => new("--set")
    {
        Description = "A setting over file and environment, as journal.path=/var/lib/crosslayer/journal.db; may be given several times.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    /// <summary>What files of request records hold; may be given several times.</summary>
    public static Option<RecordFormat[]> RecordFormats(string name, string description) => new(name)
    {
        Description = description,
        HelpName = RecordKinds.Names.Legal.Replace(", ", "|", StringComparison.Ordinal),
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            var formats = new RecordFormat[result.Tokens.Count];
            for (var i = 0; i < formats.Length; i++)
                if (!RecordKinds.Names.TryGetValue(result.Tokens[i].Value, out formats[i]))
                    result.AddError($"{name} is '{result.Tokens[i].Value}'; expected one of {RecordKinds.Names.Legal}");
            return formats;
        },
    };

    /// <summary>The kinds of hooks that the probe may use.</summary>
    public static Option<HookChoice> Hooks() => new("--hooks")
    {
        Description = "Kinds of kernel hooks to use: auto takes the best that this kernel allows for each event, the others force one kind.",
        HelpName = "auto|fentry|kprobe|tracepoint|raw_tracepoint",
        DefaultValueFactory = _ => HookChoice.Auto,
        CustomParser = result => Read(result, "auto, fentry, kprobe, tracepoint or raw_tracepoint", (string text, out HookChoice value) =>
            HookChoices.TryGetValue(text, out value)),
    };

    /// <summary>Whether the process keeps what it needs only to attach.</summary>
    public static Option<bool> KeepPrivileges() => new("--keep-privileges")
    {
        Description = "Go on with all privileges; else they are given up once the probe is attached.",
    };

    /// <summary>How a list is printed.</summary>
    public static Option<OutputFormat> Format() => new("-o")
    {
        Description = "How to print: table, json or jsonl.",
        HelpName = "format",
        DefaultValueFactory = _ => OutputFormat.Table,
        CustomParser = result => Read(result, "table, json or jsonl", (string text, out OutputFormat value) =>
            Formats.TryGetValue(text, out value)),
    };

    /// <summary>How figures are printed.</summary>
    public static Option<OutputFormat> TableOrJson() => new("-o")
    {
        Description = "How to print: table or json.",
        HelpName = "format",
        DefaultValueFactory = _ => OutputFormat.Table,
        CustomParser = result => Read(result, "table or json", (string text, out OutputFormat value) =>
            Formats.TryGetValue(text, out value) && value != OutputFormat.Jsonl),
    };

    private static DateTimeOffset? Moment(string text)
    {
        var unit = text.Length == 0 ? TimeSpan.Zero : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        if (unit > TimeSpan.Zero && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count * unit.TotalDays < 365_000)
            return DateTimeOffset.UtcNow - count * unit;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment) ? moment : null;
    }

    private delegate bool TryRead<T>(string text, out T? value);

    private static T? Read<T>(ArgumentResult result, string expected, TryRead<T> tryRead)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (tryRead(text, out var value))
            return value;
        var option = (result.Parent as OptionResult)?.Option.Name;
        result.AddError($"{option} is '{text}'; expected {expected}");
        return default;
    }

    /// <summary>Where a daemon is asked.</summary>
    internal static Option<Uri> DaemonUrl() => new("--url")
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

    /// <summary>What a daemon wants to be shown.</summary>
    internal static Option<string?> TokenFile() => new("--token-file") { Description = "A file whose first line is shown to the daemon.", HelpName = "file" };

    /// <summary>The token in a file; null without one.</summary>
    /// <exception cref="InputException">There is none in it.</exception>
    internal static string? TokenIn(string? path)
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
