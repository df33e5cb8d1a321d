using Akka.Configuration;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Recording;

/// <summary>A session of recording that the journal holds.</summary>
public sealed record RecordedSession
{
    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>Whose rows its rows are.</summary>
    public required string PersistenceId { get; init; }

    /// <summary>The name under which the same run wrote discrepancies.</summary>
    public required string DiscrepancyWriter { get; init; }

    /// <summary>The version of the program that recorded.</summary>
    public required string ProgramVersion { get; init; }

    /// <summary>When it began, in nanoseconds since the Unix epoch.</summary>
    public required long StartedUnixNs { get; init; }

    /// <summary>When it ended in order, in nanoseconds since the Unix epoch; null where it goes on, or was cut off.</summary>
    public long? EndedUnixNs { get; init; }

    /// <summary>The number of its oldest part that is still there: above 0 where older ones were deleted.</summary>
    public required int FirstPart { get; init; }

    /// <summary>Parts that are there.</summary>
    public required int Parts { get; init; }

    /// <summary>Kernel events, as far as they were counted.</summary>
    public required long Events { get; init; }

    /// <summary>Request records, as far as they were counted.</summary>
    public required long Records { get; init; }

    /// <summary>Bytes of its rows, as far as they were counted.</summary>
    public required long Bytes { get; init; }

    /// <summary>Inputs that went by unrecorded, as far as they were counted.</summary>
    public required long LostInputs { get; init; }

    /// <summary>The place in the journal of its first row that is there.</summary>
    public required long Offset { get; init; }

    /// <summary>The place in the journal of the same writer's next session; the greatest number if there is none.</summary>
    public required long NextOffset { get; init; }

    internal long FirstSequenceNr { get; init; }

    internal long LastPartSequenceNr { get; init; }

    internal long LastSequenceNr { get; init; }

    internal string Settings { get; init; } = "";

    /// <summary>How the run correlated, with what changes that in front.</summary>
    /// <param name="changes">Settings by their full path; empty for none.</param>
    /// <exception cref="ConfigurationException">A value is out of its range.</exception>
    public CorrelationSettings SettingsWith(Config changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return SettingsText.Read(Settings, changes);
    }
}
