using System.Text.Json.Serialization;

namespace CrossLayer.Host.Lab.Serving;

/// <summary>What the lab's server is told: a line of JSON on its standard input, to which it answers with one.</summary>
internal sealed record LabServerOrder
{
    /// <summary>How to behave from now on.</summary>
    public ServerBehaviour? Behave { get; init; }

    /// <summary>Where its records go from now on.</summary>
    public string? RecordTo { get; init; }

    /// <summary>Its file of records is complete: to be closed.</summary>
    public bool EndRecord { get; init; }
}

/// <summary>What the lab's server answers once it has done as it was told.</summary>
internal sealed record LabServerAnswer
{
    /// <summary>Where it listens; at its start alone.</summary>
    public string? Url { get; init; }

    /// <summary>How many requests or connections met a behaviour other than the ordinary, ever.</summary>
    public long Misbehaved { get; init; }

    /// <summary>The ids of the requests that did, since the last file was closed.</summary>
    public IReadOnlyList<string> Touched { get; init; } = [];

    /// <summary>Why it could not do it; null where it did.</summary>
    public string? Error { get; init; }
}

/// <summary>Orders and answers in JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LabServerOrder))]
[JsonSerializable(typeof(LabServerAnswer))]
internal sealed partial class LabServerJson : JsonSerializerContext;
