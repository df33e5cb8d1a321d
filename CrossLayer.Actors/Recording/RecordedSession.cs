using Akka.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;

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

    /// <summary>The place in the journal after which this session's discrepancies stand: the end of the writer's session before; 0 if there is none.</summary>
    public required long AfterOffset { get; init; }

    /// <summary>The place in the journal of the same writer's next session; the greatest number if there is none.</summary>
    public required long NextOffset { get; init; }

    /// <summary>The place of its oldest part that is there.</summary>
    internal long FirstPartOffset { get; init; }

    /// <summary>The place of its end, or of its newest part if it has none.</summary>
    internal long LastMarkOffset { get; init; }

    /// <summary>When the writer's next session began, in nanoseconds since the Unix epoch; null if there is none.</summary>
    internal long? NextStartedUnixNs { get; init; }

    internal long FirstSequenceNr { get; init; }

    internal long LastPartSequenceNr { get; init; }

    internal long LastSequenceNr { get; init; }

    internal string Settings { get; init; } = "";

    /// <summary>
    /// Whether the run that was recorded wrote a discrepancy. What stands beside the parts is the run's. Discrepancies and recording are
    /// written side by side, however, and the first discrepancy may be there before the first part: then its time decides.
    /// </summary>
    public bool HasWritten(StoredDiscrepancy stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (stored.Writer != DiscrepancyWriter || stored.Offset <= AfterOffset || stored.Offset >= NextOffset)
            return false;
        if (stored.Offset < FirstPartOffset)
            return FirstPart == 0 && RecordingTime.UnixNs(stored.WrittenAt) >= StartedUnixNs;
        return stored.Offset < LastMarkOffset || NextStartedUnixNs is not { } next || RecordingTime.UnixNs(stored.WrittenAt) < next;
    }

    /// <summary>How the run correlated, with what changes that in front.</summary>
    /// <param name="changes">Settings by their full path; empty for none.</param>
    /// <exception cref="ConfigurationException">A value is out of its range.</exception>
    public CorrelationSettings SettingsWith(Config changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return SettingsText.Read(Settings, changes);
    }
}
