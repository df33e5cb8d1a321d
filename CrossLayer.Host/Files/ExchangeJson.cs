using System.Text.Json;
using System.Text.Json.Serialization;
using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>
/// Exchanges in JSON, within correlations: the properties of <see cref="Exchange"/> in snake case, with the words of kernel
/// events for what both have (<c>netns</c>, <c>local_endpoint</c>, <c>peer_endpoint</c>); byte ranges as
/// <c>{"start": 0, "end": 120}</c>.
/// </summary>
internal static class ExchangeJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = new Naming(),
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        IgnoreReadOnlyProperties = true,
        Converters = { new EndpointConverter() },
    };

    /// <summary>The exchange at hand.</summary>
    public static Exchange Read(ref FieldReader fields) => fields.Object<Exchange>(Options);

    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter writer, Exchange exchange) => JsonSerializer.Serialize(writer, exchange, Options);

    private sealed class Naming : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name switch
        {
            nameof(Exchange.NetnsCookie) => "netns",
            nameof(Exchange.Local) => "local_endpoint",
            nameof(Exchange.Peer) => "peer_endpoint",
            _ => SnakeCaseLower.ConvertName(name),
        };
    }

    private sealed class EndpointConverter : JsonConverter<Endpoint>
    {
        public override Endpoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Endpoint.TryParse(reader.GetString(), out var endpoint)
                ? endpoint
                : throw new JsonException("not an endpoint such as \"127.0.0.1:8080\" or \"[::1]:8080\"");

        public override void Write(Utf8JsonWriter writer, Endpoint value, JsonSerializerOptions options)
        {
            Span<byte> text = stackalloc byte[EndpointText.MaxLength];
            writer.WriteStringValue(text[..EndpointText.Format(value, text)]);
        }
    }
}
