using System.Buffers;
using System.Text;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Ingest;

/// <summary>
/// What of a record is kept: of a URL only its path, with <c>{id}</c> in the place of each part that names one thing or one person, and
/// of texts no more than metrics and journals can hold. Applied before a record goes anywhere.
/// </summary>
internal static class RecordPrivacy
{
    /// <summary>What stands for a part of a path that names one thing.</summary>
    public const string Placeholder = "{id}";

    /// <summary>The longest text of a record, in characters; what is longer is cut.</summary>
    public const int MaxText = 200;

    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    private static readonly SearchValues<char> OfValues = SearchValues.Create("@%=&+ ,");

    private const int MaxSegments = 16;
    private const int LongestWord = 40;
    private const int ShortestHex = 8;

    /// <summary>The record with what may be kept of it. An id that is cut is a text: what is left of a number is another one, or none.</summary>
    public static RequestRecord Strip(RequestRecord record) => record with
    {
        RequestId = record.RequestId.Text.Length > MaxText ? new RequestId(Cut(record.RequestId.Text)!) : record.RequestId,
        Route = record.Route is null ? null : Template(record.Route),
        Method = Cut(record.Method),
        ErrorType = Cut(record.ErrorType),
        Service = Cut(record.Service),
        TraceId = Cut(record.TraceId),
        Protocol = Cut(record.Protocol),
    };

    /// <summary>The path of a URL, without query and fragment, with <see cref="Placeholder"/> for what is no word of an interface.</summary>
    /// <param name="url">An absolute URL, a path, or a route.</param>
    public static string Template(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var path = PathOf(url.AsSpan());
        var template = new StringBuilder(Math.Min(path.Length, MaxText));
        var segments = 0;
        foreach (var range in path.Split('/'))
        {
            if (segments > 0)
                template.Append('/');
            if (++segments > MaxSegments || template.Length > MaxText)
                return template.Append('*').ToString();
            var segment = path[range];
            template.Append(IsWord(segment) ? segment : Placeholder);
        }

        return template.ToString();
    }

    private static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> url)
    {
        var end = url.IndexOfAny("?#;");
        if (end >= 0)
            url = url[..end];
        var scheme = url.IndexOf("://");
        if (scheme < 0 || url[..scheme].ContainsAnyExcept(SchemeCharacters))
            return url;
        var authority = url[(scheme + 3)..];
        var start = authority.IndexOf('/');
        return start < 0 ? "/" : authority[start..];
    }

    // A template's own parts ({order}, :order, *) are words. Numbers, and what looks like a UUID, a hash or a token, are not.
    private static bool IsWord(ReadOnlySpan<char> segment)
    {
        if (segment.Length == 0 || segment is [':', ..] or ['*'] || (segment[0] == '{' && segment[^1] == '}' && segment.Length <= LongestWord))
            return true;
        if (segment.Length > LongestWord || segment.ContainsAny(OfValues))
            return false;
        var (digits, hex, separators) = (0, 0, 0);
        foreach (var character in segment)
        {
            if (char.IsAsciiDigit(character))
                digits++;
            else if (character is '-' or '.' or '_')
                separators++;
            if (char.IsAsciiHexDigit(character))
                hex++;
            if (char.IsControl(character))
                return false;
        }

        var letters = segment.Length - digits - separators;
        if (digits > 0 && letters == 0)
            return false; // 42, 2026-01-31, 10.0.0.1
        return !(hex + separators == segment.Length && hex >= ShortestHex && digits > 0) // a hash, a UUID
            && digits <= Math.Max(3, letters / 2); // v1, sha256, page2 are words; a1b2c3d4e5f6g7 is none
    }

    // Not within a character, of which no half can be written.
    private static string? Cut(string? text) =>
        text is { Length: > MaxText } ? text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)] : text;
}
