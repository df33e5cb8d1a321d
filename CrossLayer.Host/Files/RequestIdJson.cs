using System.Text;
using System.Text.Json;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Files;

/// <summary>Request ids in JSON: a string or a number, as the application wrote it.</summary>
internal static class RequestIdJson
{
    /// <summary>The field's name in every kind of record that has it.</summary>
    public const string Name = "request_id";

    private const int UsualBytes = 256;

    /// <summary>The id at hand.</summary>
    public static RequestId Read(ref FieldReader fields) => fields.IsNumber
        ? new RequestId(fields.NumberText(), IsNumber: true)
        : new RequestId(fields.Text());

    /// <summary>Writes the field.</summary>
    public static void Write(Utf8JsonWriter writer, RequestId id)
    {
        if (id.IsNumber && IsNumber(id.Text))
        {
            writer.WritePropertyName(Name);
            writer.WriteRawValue(id.Text, skipInputValidation: true);
        }
        else
        {
            writer.WriteString(Name, id.Text);
        }
    }

    // What was stored as one need not be: the disk may have harmed it.
    private static bool IsNumber(string text)
    {
        var bytes = Encoding.UTF8.GetMaxByteCount(text.Length);
        var utf8 = bytes <= UsualBytes ? stackalloc byte[UsualBytes] : new byte[bytes];
        var reader = new Utf8JsonReader(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
