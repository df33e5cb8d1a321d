namespace CrossLayer.Actors.Journal;

/// <summary>
/// Events that a query passed over because this version cannot read them: damaged ones, and those of newer versions. They stay where they
/// are, for a version that can.
/// </summary>
/// <param name="Count">How many.</param>
/// <param name="First">Where the first one is, and what is wrong with it, in one line; null if there is none.</param>
public readonly record struct UnreadableEvents(long Count, string? First)
{
    /// <summary>With one more.</summary>
    internal UnreadableEvents And(StoredRow row, JournalFormatException reason) =>
        new(Count + 1, First ?? $"row {row.Offset}, event {row.SequenceNr} of '{row.Writer}': {reason.Message}");
}
