using Akka.Configuration;

namespace CrossLayer.Host.Daemon;

/// <summary>
/// Reads HOCON with Akka's parser, which is not a full one: what it would misread in silence, or never come back from, is refused before.
/// </summary>
internal static class HoconFile
{
    private const long MaxBytes = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It cannot be read, or is not HOCON; the message says where.</exception>
    public static Config Read(string path)
    {
        try
        {
            var size = new FileInfo(path).Length;
            if (size > MaxBytes)
                throw new InputException($"{path} has {size} bytes; a configuration has at most {MaxBytes}");
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read the configuration {path}: {exception.Message}", exception);
        }
    }

    /// <summary>Parses a text.</summary>
    /// <param name="text">HOCON.</param>
    /// <param name="where">Where it is from, for messages.</param>
    /// <exception cref="InputException">It is not HOCON, or uses what Akka's parser does not know.</exception>
    public static Config Parse(string text, string where)
    {
        Check(text, where);
        try
        {
            return ConfigurationFactory.ParseString(text);
        }
#pragma warning disable CA1031 // the parser throws whatever it trips over
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new InputException($"{where}: not HOCON: {OneLine(exception.Message)}", exception);
        }
    }

    // Brackets that do not close let the parser run for ever.
    private static void Check(string text, string where)
    {
        var open = new Stack<(char Bracket, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#':
                case '/' when Next(i) == '/' && (i == 0 || char.IsWhiteSpace(text[i - 1])):
                    while (i + 1 < text.Length && text[i + 1] != '\n')
                        i++;
                    break;
                case '"':
                    i = EndOfText(text, i, where, ref line);
                    break;
                case '{' or '[':
                    open.Push((text[i], line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var opened) || (opened.Bracket == '{') != (text[i] == '}'))
                        throw new InputException($"{where}, line {line}: '{text[i]}' closes nothing");
                    break;
                case '$' when Next(i) == '{':
                    throw new InputException($"{where}, line {line}: substitutions (${{…}}) are not known here; the environment sets {ConfigurationLoader.Prefix}…, see docs/operations.md");
                case '$':
                    throw new InputException($"{where}, line {line}: '$' stands only in quotes"); // in a list the parser never comes back from it
                case '+' when Next(i) == '=':
                    throw new InputException($"{where}, line {line}: '+=' is not known here; write the whole list");
                default:
                    if (text[i] == 'i' && IsInclude(text, i))
                        throw new InputException($"{where}, line {line}: 'include' is not known here; --set and the environment stand above one file");
                    break;
            }
        }

        if (open.TryPop(out var left))
            throw new InputException($"{where}, line {left.Line}: '{left.Bracket}' is not closed");

        char Next(int i) => i + 1 < text.Length ? text[i + 1] : '\0';
    }

    private static bool IsInclude(string text, int i) =>
        string.CompareOrdinal(text, i, "include ", 0, 8) == 0 && text.AsSpan(0, i).TrimEnd(" \t") is [] or [.., '\n' or '{'];

    private static int EndOfText(string text, int start, string where, ref int line)
    {
        if (string.CompareOrdinal(text, start, "\"\"\"", 0, 3) == 0)
        {
            var end = text.IndexOf("\"\"\"", start + 3, StringComparison.Ordinal);
            if (end < 0)
                throw new InputException($"{where}, line {line}: '\"\"\"' is not closed");
            line += text.AsSpan(start, end - start).Count('\n');
            return end + 2;
        }

        for (var i = start + 1; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }

        throw new InputException($"{where}, line {line}: '\"' is not closed");
    }

    private static string OneLine(string text) => Files.OneLine.Of(text);
}
