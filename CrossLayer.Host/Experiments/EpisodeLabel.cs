using System.Text.Json;
using System.Text.Json.Serialization;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Experiments;

/// <summary>What is known of an episode, from the injector and the client's oracle alone.</summary>
internal sealed record EpisodeLabel
{
    /// <summary>Its name (<see cref="ExperimentFolder.NameOf"/>).</summary>
    public required string Episode { get; init; }

    /// <summary>Which part of the experiment it belongs to.</summary>
    public required EpisodeKind Kind { get; init; }

    /// <summary>What was injected; none in ordinary traffic, two in a mix.</summary>
    public required IReadOnlyList<FaultLabel> Faults { get; init; }

    /// <summary>Every request that the client sent.</summary>
    public required IReadOnlyList<RequestLabel> Requests { get; init; }

    /// <summary>Reads a label.</summary>
    /// <exception cref="InputException">It is missing, or no label.</exception>
    public static EpisodeLabel Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LabelJson.Default.EpisodeLabel)
                ?? throw new InputException($"{path} holds no label of an episode");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InputException($"{path}: {OneLine(exception.Message)}; expected the label of an episode", exception);
        }
    }

    /// <summary>Writes it whole, or not at all.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes($"{path}.part", JsonSerializer.SerializeToUtf8Bytes(this, LabelJson.Default.EpisodeLabel));
        File.Move($"{path}.part", path, overwrite: true);
    }

    private static string OneLine(string message) => Files.OneLine.Of(message);
}

/// <summary>Which part of an experiment an episode belongs to.</summary>
internal enum EpisodeKind
{
    /// <summary>Ordinary traffic, with the probe: what detectors learn from and are tuned on.</summary>
    Benign,

    /// <summary>Ordinary traffic, with the probe, kept apart from the tuning: what the false-positive rate is measured on.</summary>
    Control,

    /// <summary>What looks like trouble and is none.</summary>
    Negative,

    /// <summary>One fault at a level that development has seen.</summary>
    Fault,

    /// <summary>One fault at a level that development has not seen.</summary>
    HeldOut,

    /// <summary>Two faults at once.</summary>
    Mix,
}

/// <summary>A fault that was injected.</summary>
internal sealed record FaultLabel
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>What kind of trouble it is.</summary>
    public required ScenarioFamily Family { get; init; }

    /// <summary>What should be found; null where nothing should.</summary>
    public required Cause? Cause { get; init; }

    /// <summary>How hard it was.</summary>
    public required Intensity Intensity { get; init; }

    /// <summary>From when it was in force: nanoseconds since the Unix epoch.</summary>
    public required long ArmedUnixNs { get; init; }

    /// <summary>Until when.</summary>
    public required long LiftedUnixNs { get; init; }

    /// <summary>Whether it met anything: the proof was above zero.</summary>
    public required bool Applied { get; init; }

    /// <summary>What showed that it was applied: who counted, what, and how much.</summary>
    public required string Proof { get; init; }
}

/// <summary>What is known of a request.</summary>
internal sealed record RequestLabel
{
    /// <summary>Its nonce, by which applications report it.</summary>
    public required string RequestId { get; init; }

    /// <summary>Its route, for the latency that is ordinary there.</summary>
    public required string Route { get; init; }

    /// <summary>When the client began: nanoseconds since the Unix epoch.</summary>
    public required long StartUnixNs { get; init; }

    /// <summary>How long the client waited, in milliseconds.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>What the client got.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>A fault was in force during the request.</summary>
    public required bool Armed { get; init; }

    /// <summary>The numbers, in <see cref="EpisodeLabel.Faults"/>, of the faults that met this request: a packet of it that the injector counted, or a behaviour of an end towards it.</summary>
    public required IReadOnlyList<int> TouchedBy { get; init; }

    /// <summary>A fault met this request.</summary>
    [JsonIgnore]
    public bool Touched => TouchedBy.Count > 0;
}

/// <summary>What the client got, as its own check of the body tells.</summary>
internal enum Outcome
{
    /// <summary>The body that was asked for, whole.</summary>
    Right,

    /// <summary>What the client meant to get, such as a refusal or the part after which it left of its own will.</summary>
    AsMeant,

    /// <summary>Another body.</summary>
    Wrong,

    /// <summary>Less than was asked for.</summary>
    Short,

    /// <summary>No response.</summary>
    None,
}

/// <summary>Labels in JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = false,
    RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EpisodeLabel))]
internal sealed partial class LabelJson : JsonSerializerContext;
