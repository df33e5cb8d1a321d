using System.Text.Json;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>Writes fields that may have no value.</summary>
internal static class OptionalFields
{
    /// <summary>The field, or nothing where it has no value.</summary>
    public static void WriteGiven(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    /// <inheritdoc cref="WriteGiven(Utf8JsonWriter, string, string?)"/>
    public static void WriteGiven(this Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
    }

    /// <summary>The field, or nothing where it has no value or one that JSON cannot hold.</summary>
    public static void WriteGiven(this Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            writer.WriteNumber(name, number);
    }

    /// <inheritdoc cref="WriteGiven(Utf8JsonWriter, string, string?)"/>
    public static void WriteGiven(this Utf8JsonWriter writer, string name, Endpoint? value)
    {
        if (value is not { } endpoint)
            return;
        Span<byte> text = stackalloc byte[EndpointText.MaxLength];
        writer.WriteString(name, text[..EndpointText.Format(endpoint, text)]);
    }

    /// <summary>The field, null where it has no value or one that JSON cannot hold.</summary>
    public static void WriteOrNull(this Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }
}
