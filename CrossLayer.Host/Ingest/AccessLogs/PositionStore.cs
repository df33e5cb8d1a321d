using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>Keeps the positions of a log in a small file, over restarts.</summary>
/// <param name="folder">Where the file is; made as needed.</param>
/// <param name="log">The log's path.</param>
internal sealed class PositionStore(string folder, string log)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    /// <summary>The file; named after the log's path, so that each log has its own.</summary>
    public string Path { get; } = System.IO.Path.Combine(
        folder, $"access-log-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(log)))[..16]}.json");

    /// <summary>The positions that were saved, oldest file first; empty where there are none.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="JsonException">It holds something else.</exception>
    public IReadOnlyList<LogPosition> Load()
    {
        if (!File.Exists(Path))
            return [];
        return JsonSerializer.Deserialize<Stored>(File.ReadAllBytes(Path), Json) is { } stored && stored.Log == log ? stored.Files : [];
    }

    /// <summary>Saves positions in the place of those before, in one step: a reader finds the old ones or the new ones.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save(IReadOnlyList<LogPosition> files)
    {
        Directory.CreateDirectory(folder);
        var next = Path + ".next";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(new Stored(log, files), Json));
        File.Move(next, Path, overwrite: true);
    }

    private sealed record Stored(string Log, IReadOnlyList<LogPosition> Files);
}
