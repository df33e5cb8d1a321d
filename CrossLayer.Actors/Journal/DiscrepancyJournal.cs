using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Writes discrepancies, and says when they are on the disk. It is reached through its supervisor,
/// <see cref="DiscrepancyJournalSupervisor"/>, which answers for it when it fails.
/// </summary>
/// <remarks>
/// The actor keeps no state: what the journal holds is asked of the journal (<see cref="DiscrepancyQuery"/>). So it
/// recovers nothing but its last sequence number, one look into an index, and a journal of a million events starts as
/// fast as an empty one; replaying them would take ten seconds, and snapshots would only serve figures that nobody asks of
/// this actor.
/// </remarks>
public sealed class DiscrepancyJournal : ReceivePersistentActor
{
    private static readonly string[] Tags = [DiscrepancyFound.Tag];

    private Exception? _rejection;

    /// <inheritdoc cref="DiscrepancyJournal"/>
    /// <param name="writer">The persistence id.</param>
    public DiscrepancyJournal(string writer)
    {
        PersistenceId = writer;
        Command<Append>(Write);
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <inheritdoc/>
    public override Recovery Recovery => Recovery.None;

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        _rejection = cause;
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.Parent.Tell(new Failed(cause));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        Context.Parent.Tell(new Failed(reason));
        base.OnRecoveryFailure(reason, message);
    }

    // The events of a batch are one atomic write, taken or rejected as a whole. The deferred handler runs after those of
    // the events, whichever it was, so that answers leave in the order of the questions.
    private void Write(Append append)
    {
        var events = DiscrepancyFound.In(append.Correlations).Select(found => new Tagged(found, Tags)).ToArray();
        var asker = Sender;
        var written = 0;
        PersistAllAsync(events, _ => written++);
        DeferAsync(append, _ => asker.Tell(written == events.Length ? new Appended(written) : Rejected(events.Length)));
    }

    private Status.Failure Rejected(int count) => new(new JournalUnavailableException(
        $"the journal rejected a batch of {count} discrepancies, and none was written: {_rejection?.Message}", _rejection));

    /// <summary>
    /// Writes the discrepant ones of these correlations, all or none. The answer is <see cref="Appended"/>, or
    /// <see cref="Status.Failure"/> with a <see cref="JournalUnavailableException"/>.
    /// </summary>
    /// <param name="Correlations">A batch, in its order; those with another verdict are not written.</param>
    public sealed record Append(IReadOnlyList<Correlation> Correlations);

    /// <summary>All discrepancies of a batch are on the disk.</summary>
    /// <param name="Written">How many they were.</param>
    public sealed record Appended(int Written);

    /// <summary>To the supervisor: why the actor is about to stop.</summary>
    internal sealed record Failed(Exception Cause);
}
