using Akka.Actor;

namespace CrossLayer.Actors.Journal;

/// <summary>Asks the journal for its <see cref="JournalStatus"/>.</summary>
public sealed record GetJournalStatus;

/// <summary>How the journal is doing. The counts are this run's, and only grow, but for what waits.</summary>
/// <param name="Outage">Since when nothing can be written, and why; null if it can, as far as is known.</param>
/// <param name="WaitingBatches">Batches that are not on the disk yet.</param>
/// <param name="WaitingEvents">The events in them.</param>
/// <param name="Written">Events written.</param>
/// <param name="Retries">Batches that were sent once more.</param>
/// <param name="FoundWritten">Batches that were found on the disk after their answer had been lost.</param>
/// <param name="NotWritten">Events that were refused: given up while stopping, not to be put into bytes, or too many at once.</param>
public sealed record JournalStatus(
    JournalOutage? Outage, int WaitingBatches, int WaitingEvents, long Written, long Retries, long FoundWritten, long NotWritten)
    : INoSerializationVerificationNeeded;

/// <summary>A time in which nothing can be written.</summary>
/// <param name="Reason">Why, as the last attempt found.</param>
/// <param name="Since">Its start, by the wall clock.</param>
/// <param name="Attempts">How often a write or an opening failed since then.</param>
public sealed record JournalOutage(string Reason, DateTimeOffset Since, int Attempts);
