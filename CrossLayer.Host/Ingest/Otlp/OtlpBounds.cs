using System.Text.Json;
using CrossLayer.Host.Files;
using Microsoft.AspNetCore.Http;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>
/// Looks through a request before it is read into objects: two bytes can stand for a span, so that a body within its bound can become
/// fifty times as much memory. Only the parts that would become objects are counted.
/// </summary>
internal static class OtlpBounds
{
    /// <summary>Parts for each span that is allowed: attributes, their values, and what a JSON text has besides.</summary>
    private const int PartsPerSpan = 50;

    private enum Part
    {
        Other,
        Request,
        ResourceSpans,
        Resource,
        ScopeSpans,
        Span,
        KeyValue,
    }

    /// <summary>Checks a request in protobuf.</summary>
    /// <exception cref="RefusedException">It has more than <paramref name="maxSpans"/> spans, or is no protobuf.</exception>
    public static void CheckProtobuf(ReadOnlySpan<byte> request, int maxSpans)
    {
        var (spans, parts) = (0, 0L);
        Check(Part.Request, request, maxSpans, ref spans, ref parts);
    }

    /// <summary>Checks a request in JSON.</summary>
    /// <exception cref="RefusedException">It has far more objects than <paramref name="maxSpans"/> spans have, or is no JSON.</exception>
    public static void CheckJson(ReadOnlySpan<byte> request, int maxSpans)
    {
        var reader = new Utf8JsonReader(request);
        var parts = 0L;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && ++parts > (long)maxSpans * PartsPerSpan)
                    throw TooMany(maxSpans);
            }
        }
        catch (JsonException exception)
        {
            throw Malformed($"line {exception.LineNumber + 1}: not JSON", exception);
        }
    }

    /// <summary>The error of a request that has too many spans.</summary>
    public static RefusedException TooMany(int maxSpans) => new(
        StatusCodes.Status413PayloadTooLarge, Rejection.TooLarge, $"more than {maxSpans} spans, or far more attributes than these have; send them in parts");

    /// <summary>The error of a request that cannot be read.</summary>
    public static RefusedException Malformed(string what, Exception? inner = null) => new(
        StatusCodes.Status400BadRequest, Rejection.Malformed, $"{OneLine.Of(what)}; expected an ExportTraceServiceRequest", inner: inner);

    // Depth is that of the messages known here: no message holds itself.
    private static void Check(Part part, ReadOnlySpan<byte> message, int maxSpans, ref int spans, ref long parts)
    {
        while (!message.IsEmpty)
        {
            var tag = Varint(ref message);
            switch (tag & 7)
            {
                case 0:
                    Varint(ref message);
                    break;
                case 1:
                    Take(ref message, sizeof(ulong));
                    break;
                case 2:
                    var inner = Take(ref message, Varint(ref message));
                    if (PartOf(part, tag >> 3) is not (not Part.Other and var held))
                        break;
                    if (held == Part.Span && ++spans > maxSpans || ++parts > (long)maxSpans * PartsPerSpan)
                        throw TooMany(maxSpans);
                    if (held != Part.KeyValue)
                        Check(held, inner, maxSpans, ref spans, ref parts);
                    break;
                case 5:
                    Take(ref message, sizeof(uint));
                    break;
                default:
                    throw Malformed("no protobuf");
            }
        }
    }

    private static Part PartOf(Part part, ulong field) => (part, field) switch
    {
        (Part.Request, 1) => Part.ResourceSpans,
        (Part.ResourceSpans, 1) => Part.Resource,
        (Part.ResourceSpans, 2) => Part.ScopeSpans,
        (Part.Resource, 1) => Part.KeyValue,
        (Part.ScopeSpans, 2) => Part.Span,
        (Part.Span, 9) => Part.KeyValue,
        _ => Part.Other,
    };

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> message, ulong length)
    {
        if (length > (ulong)message.Length)
            throw Malformed("cut short");
        var taken = message[..(int)length];
        message = message[(int)length..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        var value = 0UL;
        for (var i = 0; i < Math.Min(10, message.Length); i++)
        {
            value |= (message[i] & 0x7FUL) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return value;
            }
        }

        throw Malformed("no protobuf");
    }
}
