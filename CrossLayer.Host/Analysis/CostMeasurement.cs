using System.Text.Json;
using System.Text.Json.Serialization;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis;

/// <summary>A line of <c>costs.jsonl</c>: traffic with the probe or without it. Every field is required, and no other is allowed.</summary>
internal sealed record CostMeasurement
{
    private static readonly string[] Loads = ["paced", "saturated"];

    /// <summary>Its number; its other half, with the same number and load, was measured right before or after.</summary>
    public required int Pair { get; init; }

    /// <summary>Whether the probe was attached.</summary>
    public required bool Probe { get; init; }

    /// <summary><c>paced</c>: at a rate that is easily carried; <c>saturated</c>: as many as go through.</summary>
    public required string Load { get; init; }

    /// <summary>Requests that were answered.</summary>
    public required long Requests { get; init; }

    /// <summary>In how many seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor seconds that were used meanwhile.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>The median latency in milliseconds.</summary>
    public required double P50Ms { get; init; }

    /// <summary>The 99th percentile of latency in milliseconds.</summary>
    public required double P99Ms { get; init; }

    /// <summary>Reads a file of measurements.</summary>
    /// <exception cref="InputException">It cannot be read, a line is none, or a half is there twice.</exception>
    public static IReadOnlyList<CostMeasurement> ReadAll(string path)
    {
        var measurements = new List<CostMeasurement>();
        try
        {
            foreach (var (index, line) in File.ReadLines(path).Index())
            {
                var measurement = Read(line) ?? throw Bad(path, index, "null");
                if (measurement.Fault() is { } fault)
                    throw Bad(path, index, fault);
                if (measurements.Any(other => (other.Pair, other.Load, other.Probe) == (measurement.Pair, measurement.Load, measurement.Probe)))
                    throw Bad(path, index, $"pair {measurement.Pair} in load {measurement.Load} {(measurement.Probe ? "with" : "without")} the probe for the second time");
                measurements.Add(measurement);
            }
        }
        catch (JsonException exception)
        {
            throw new InputException($"{path}, line {measurements.Count + 1}: {OneLine.Of(exception.Message)}; expected a measurement of costs", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {OneLine.Of(exception.Message)}", exception);
        }

        return measurements;
    }

    /// <summary>As a line of the file.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, CostJson.Default.CostMeasurement);

    private static CostMeasurement? Read(string line) => JsonSerializer.Deserialize(line, CostJson.Default.CostMeasurement);

    private static InputException Bad(string path, int index, string what) => new($"{path}, line {index + 1}: {what}");

    private string? Fault() => this switch
    {
        { Pair: < 0 } => $"pair is {Pair}; expected a whole number from 0",
        _ when !Loads.Contains(Load) => $"load is '{OneLine.Of(Load)}'; expected paced or saturated",
        { Requests: < 1 } => $"requests is {Requests}; expected at least 1",
        _ when !(Seconds > 0 && CpuSeconds > 0 && P50Ms > 0 && P99Ms > 0) => "seconds, cpu_seconds, p50_ms and p99_ms; expected numbers above 0",
        _ => null,
    };
}

/// <summary>Measurements in JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CostMeasurement))]
internal sealed partial class CostJson : JsonSerializerContext;
