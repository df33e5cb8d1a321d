using System.Text.Json;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Files;

/// <summary>Request ids in JSON: a string or a number, as the application wrote it.</summary>
internal static class RequestIdJson
{
    /// <summary>The field's name in every kind of record that has it.</summary>
    public const string Name = "request_id";

    /// <summary>The id at hand.</summary>
    public static RequestId Read(ref FieldReader fields) => fields.IsNumber
        ? new RequestId(fields.NumberText(), IsNumber: true)
        : new RequestId(fields.Text());

    /// <summary>Writes the field.</summary>
    public static void Write(Utf8JsonWriter writer, RequestId id)
    {
        if (id.IsNumber)
        {
            writer.WritePropertyName(Name);
            writer.WriteRawValue(id.Text);
        }
        else
        {
            writer.WriteString(Name, id.Text);
        }
    }
}
