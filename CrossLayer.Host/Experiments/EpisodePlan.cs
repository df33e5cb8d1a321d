using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Experiments;

/// <summary>What is to happen in an episode.</summary>
internal sealed record EpisodePlan
{
    /// <summary>Its number, from 1; it tells nothing of what happens.</summary>
    public required int Number { get; init; }

    /// <summary>Which part of the experiment it belongs to.</summary>
    public required EpisodeKind Kind { get; init; }

    /// <summary>What is injected; nothing in ordinary traffic.</summary>
    public required IReadOnlyList<PlannedFault> Faults { get; init; }

    /// <summary>From which its traffic and its nonces are made.</summary>
    public required int Seed { get; init; }

    /// <summary>Ordinary traffic before anything is injected, in milliseconds.</summary>
    public required int QuietMs { get; init; }

    /// <summary>How long it is in force, in milliseconds.</summary>
    public required int HoldMs { get; init; }

    /// <summary>Ordinary traffic after it was lifted, in milliseconds.</summary>
    public required int AfterMs { get; init; }

    /// <summary>Its name.</summary>
    public string Name => ExperimentFolder.NameOf(Number);
}

/// <summary>What is to be injected.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Intensity">How hard.</param>
internal sealed record PlannedFault(string Scenario, Intensity Intensity);
