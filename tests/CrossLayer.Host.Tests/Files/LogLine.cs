using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

/// <summary>A line of an access log with other values, and the file that ships its format.</summary>
internal static class LogLine
{
    /// <summary>The line with other values, as they stand in JSON; null leaves the field out.</summary>
    public static string With(string line, params (string Field, string? Value)[] changes)
    {
        var fields = JsonDocument.Parse(line).RootElement.EnumerateObject().Select(property =>
            (property.Name, Value: changes.Any(change => change.Field == property.Name)
                ? changes.Single(change => change.Field == property.Name).Value
                : property.Value.GetRawText()));
        return "{" + string.Join(',', fields.Where(field => field.Value is not null).Select(field => $"\"{field.Name}\":{field.Value}")) + "}";
    }

    public static RequestRecord Read(RecordKind<RequestRecord> kind, string line, params (string Field, string? Value)[] changes) =>
        Records.FromJson(kind, With(line, changes));

    public static IReadOnlyList<RequestRecord> ReadFile(RecordKind<RequestRecord> kind, TemporaryFolder folder, params string[] lines) =>
        Records.ReadFile(kind, folder.File("access.log", string.Join('\n', lines) + "\n"));

    /// <summary>A file of <c>config/</c>.</summary>
    public static string Shipped(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "CrossLayer.slnx")))
            folder = folder.Parent;
        return File.ReadAllText(Path.Combine([folder.FullName, "config", .. parts]));
    }

    /// <summary>The fields that an object in a configuration has: what stands in quotes before a colon.</summary>
    public static IEnumerable<string> Fields(string text) =>
        System.Text.RegularExpressions.Regex.Matches(text, """\\?"([a-z_]+)\\?":""").Select(match => match.Groups[1].Value);
}
