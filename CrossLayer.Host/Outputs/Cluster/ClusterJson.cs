using System.Text.Json;
using CrossLayer.Actors.Cluster;

namespace CrossLayer.Host.Outputs.Cluster;

/// <summary>A host's part in the cluster as JSON, as <c>/v1/cluster</c> gives it and <c>crosslayer cluster</c> reads it.</summary>
internal static class ClusterJson
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>One line.</summary>
    public static string Write(ClusterReading reading) => JsonSerializer.Serialize(reading, Options);

    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ClusterReading Read(string json) => JsonSerializer.Deserialize<ClusterReading>(json, Options) ?? throw new JsonException("nothing");
}
