using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace CrossLayer.Host.Commands;

/// <summary>Options whose bad values are refused in one line that names the option, the value and what is allowed.</summary>
internal static class CommandOptions
{
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

    /// <summary>A file to write.</summary>
    public static Option<string> Output(string fallback) => new("--output")
    {
        Description = "Where the records go: a JSON array, and JSON lines in a .jsonl file beside it.",
        HelpName = "file",
        DefaultValueFactory = _ => fallback,
    };

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
}
