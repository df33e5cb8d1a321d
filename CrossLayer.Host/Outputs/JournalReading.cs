namespace CrossLayer.Host.Outputs;

/// <summary>How the journal is doing.</summary>
/// <param name="Writable">Its last write went well, or none was needed.</param>
/// <param name="Reason">Why it cannot be written; null where it can.</param>
/// <param name="Since">Since when that is so.</param>
/// <param name="Written">Discrepancies that are on the disk.</param>
/// <param name="Failed">Discrepancies that were refused, or whose write failed.</param>
internal sealed record JournalReading(bool Writable, string? Reason, DateTimeOffset Since, long Written, long Failed);
