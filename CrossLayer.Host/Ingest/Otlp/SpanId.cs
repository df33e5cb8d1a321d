using Google.Protobuf;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>Ids of traces and spans, as lower-case hexadecimal digits.</summary>
internal static class SpanId
{
    /// <summary>The size of a trace's id, in bytes.</summary>
    public const int TraceBytes = 16;

    /// <summary>The size of a span's id, in bytes.</summary>
    public const int SpanBytes = 8;

    /// <summary>
    /// The id's digits; null where it is none, or all zeros. OTLP's JSON has ids in hexadecimal, which the general mapping of bytes reads as
    /// base64: then writing them in base64 gives the digits back.
    /// </summary>
    public static string? Of(ByteString id, int bytes)
    {
        ArgumentNullException.ThrowIfNull(id);
        var digits = id.Length == bytes ? Convert.ToHexStringLower(id.Span)
            : id.Length == 2 * bytes * 3 / 4 ? id.ToBase64().ToLowerInvariant()
            : "";
        return digits.Length == 2 * bytes && digits.All(char.IsAsciiHexDigit) && digits.AsSpan().ContainsAnyExcept('0') ? digits : null;
    }
}
