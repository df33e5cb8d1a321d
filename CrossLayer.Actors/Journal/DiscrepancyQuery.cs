using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams.Dsl;

namespace CrossLayer.Actors.Journal;

/// <summary>Reads discrepancies back from the journal, whoever wrote them, in the order in which they were written.</summary>
public sealed class DiscrepancyQuery
{
    private readonly SqlReadJournal _journal;

    /// <summary>
    /// Opens the journal for reading in a system that has its configuration (<see cref="JournalConfiguration.For"/> or
    /// <see cref="JournalConfiguration.ForReading"/>). Blocks for as long as the journal takes to start: not to be called
    /// within an actor.
    /// </summary>
    public DiscrepancyQuery(ActorSystem system) =>
        _journal = PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);

    /// <summary>What the journal holds when the source is run, after a place in it; then the source completes.</summary>
    /// <param name="after">The <see cref="StoredDiscrepancy.Offset"/> to continue after; 0 for all.</param>
    /// <remarks>The source fails with <see cref="JournalFormatException"/> at an event that this version cannot read.</remarks>
    public Source<StoredDiscrepancy, NotUsed> Current(long after = 0) =>
        _journal.CurrentEventsByTag(DiscrepancyFound.Tag, Offset.Sequence(after)).Select(Stored);

    private static StoredDiscrepancy Stored(EventEnvelope envelope) => new(
        ((Sequence)envelope.Offset).Value,
        envelope.PersistenceId,
        envelope.SequenceNr,
        new DateTimeOffset(envelope.Timestamp, TimeSpan.Zero),
        ((DiscrepancyFound)envelope.Event).Correlation);
}
