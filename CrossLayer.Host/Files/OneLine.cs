using System.Text;

namespace CrossLayer.Host.Files;

/// <summary>Foreign text cut and cleaned so that it fits into a one-line message.</summary>
internal static class OneLine
{
    private const int Limit = 60;

    /// <summary>At most 60 characters, control characters as '?'.</summary>
    public static string Of(ReadOnlySpan<char> text)
    {
        var line = new StringBuilder(Math.Min(text.Length, Limit) + 1);
        foreach (var character in text[..Math.Min(text.Length, Limit)])
            line.Append(char.IsControl(character) ? '?' : character);
        if (text.Length > Limit)
            line.Append('…');
        return line.ToString();
    }

    /// <inheritdoc cref="Of(ReadOnlySpan{char})"/>
    public static string Of(ReadOnlySpan<byte> utf8) => Of(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * Limit)]));

    /// <summary>The same in double quotes.</summary>
    public static string Quoted(ReadOnlySpan<byte> utf8) => $"\"{Of(utf8)}\"";
}
