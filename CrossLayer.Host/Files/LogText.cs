using System.Globalization;
using System.Text;

namespace CrossLayer.Host.Files;

/// <summary>Texts as access logs write them.</summary>
internal static class LogText
{
    /// <summary>What HAProxy, Apache and Envoy write where there is no value.</summary>
    public const string None = "-";

    /// <summary>The text; null where the log says that there is none.</summary>
    public static string? Given(string text) => text is "" or None ? null : text;

    /// <summary>A path without what follows a <c>?</c>.</summary>
    public static string WithoutQuery(string uri) => uri.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? uri[..mark] : uri;

    /// <summary>A text of HAProxy's, in which <c>#22</c> stands for the byte 0x22.</summary>
    public static string FromHashes(string text)
    {
        if (!text.Contains('#', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '#' && byte.TryParse(text.AsSpan(i + 1, Math.Min(2, text.Length - i - 1)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                && i + 2 < text.Length)
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes([text[i]]));
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    /// <summary>A text of which each character is a byte of UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
    public static string FromBytes(string latin1) =>
        latin1.All(char.IsAscii) || !latin1.All(character => character <= byte.MaxValue) ? latin1 : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));
}
