using System.Text;
using System.Text.RegularExpressions;

namespace CrossLayer.Fuzz;

/// <summary>Valid inputs, from the fixtures of the tests.</summary>
internal static partial class Corpus
{
    /// <summary>Texts as inputs.</summary>
    public static byte[][] Of(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Some lines of a fixture, and the first one alone.</summary>
    public static byte[][] Lines(string fixture, int most)
    {
        string[] lines = [.. Text(fixture).Split('\n').Take(most)];
        return Of(string.Join('\n', lines) + "\n", lines[0], $"[{string.Join(",\n", lines)}]");
    }

    /// <summary>The rows of the recording that have a manifest, as they are stored.</summary>
    public static byte[][] Rows(string manifest) =>
        [.. Row().Matches(Text("recording.sql")).Where(row => row.Groups[2].Value == manifest).Select(row => Convert.FromHexString(row.Groups[1].Value))];

    private static string Text(string fixture)
    {
        using var reader = new StreamReader(typeof(Corpus).Assembly.GetManifestResourceStream(fixture)
            ?? throw new InvalidOperationException($"there is no fixture {fixture}"));
        return reader.ReadToEnd();
    }

    [GeneratedRegex("X'([0-9a-f]*)',[^,]*,'([A-Z0-9]+)'")]
    private static partial Regex Row();
}
