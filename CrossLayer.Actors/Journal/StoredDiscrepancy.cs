using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Journal;

/// <summary>A discrepancy as it stands in the journal.</summary>
/// <param name="Offset">Its place in the journal; a query can be continued after it.</param>
/// <param name="Writer">Who wrote it (the persistence id).</param>
/// <param name="SequenceNr">Its number among the writer's events, from 1.</param>
/// <param name="WrittenAt">When it was written, by the writer's wall clock. When the request was, the correlation says.</param>
/// <param name="Correlation">What was found.</param>
public sealed record StoredDiscrepancy(
    long Offset, string Writer, long SequenceNr, DateTimeOffset WrittenAt, Correlation Correlation);
