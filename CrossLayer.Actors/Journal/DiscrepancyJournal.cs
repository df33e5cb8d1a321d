using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Journal;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Writes events, and says when they are on the disk. It is reached through its supervisor,
/// <see cref="DiscrepancyJournalSupervisor"/>, which makes another one when it fails.
/// </summary>
/// <remarks>
/// The actor keeps no state: what the journal holds is asked of the journal (<see cref="DiscrepancyQuery"/>). So it
/// recovers nothing but its last sequence number, one look into an index, and a journal of a million events starts as
/// fast as an empty one; replaying them would take ten seconds, and snapshots would only serve figures that nobody asks of
/// this actor.
/// </remarks>
public sealed class DiscrepancyJournal : ReceivePersistentActor
{
    private Exception? _rejection;

    /// <inheritdoc cref="DiscrepancyJournal"/>
    /// <param name="writer">The persistence id.</param>
    public DiscrepancyJournal(string writer)
    {
        PersistenceId = writer;
        Recover<RecoveryCompleted>(_ => Context.Parent.Tell(new Opened(LastSequenceNr)));
        Command<Write>(Persist);
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <inheritdoc/>
    public override Recovery Recovery => Recovery.None;

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) => _rejection = cause;

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Context.Parent.Tell(new Failed(cause));

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null) => Context.Parent.Tell(new Failed(reason));

    // The events of a batch are one atomic write, taken or rejected as a whole. The deferred handler runs after those of
    // the events, whichever it was.
    private void Persist(Write write)
    {
        var written = 0;
        PersistAllAsync(write.Events, _ => written++);
        DeferAsync(write, _ => Context.Parent.Tell(
            written == write.Events.Count ? new Wrote(LastSequenceNr) : new Rejected(LastSequenceNr, _rejection)));
    }

    /// <summary>
    /// Writes the discrepant ones of these correlations, all or none. The answer is <see cref="Appended"/>, however long
    /// that takes, or <see cref="Status.Failure"/> with a <see cref="JournalUnavailableException"/> where they will not be written.
    /// </summary>
    /// <param name="Correlations">A batch, in its order; those with another verdict are not written.</param>
    public sealed record Append(IReadOnlyList<Correlation> Correlations);

    /// <summary>Writes a summary; answered as <see cref="Append"/>.</summary>
    public sealed record AppendSummary(IntervalSummary Summary);

    /// <summary>All discrepancies of a batch are on the disk.</summary>
    /// <param name="Written">How many they were.</param>
    public sealed record Appended(int Written);

    /// <summary>
    /// The program is about to end: when no write has succeeded for <see cref="JournalSettings.GiveUpAfter"/>, what waits, and
    /// what comes later, is refused.
    /// </summary>
    public sealed record Finish;

    /// <summary>From the supervisor: one batch; the next one comes after its answer.</summary>
    internal sealed record Write(IReadOnlyList<Tagged> Events);

    /// <summary>To the supervisor: ready to write; the journal holds the writer's events up to this number.</summary>
    internal sealed record Opened(long Highest);

    /// <summary>To the supervisor: the batch is on the disk; its last event has this number.</summary>
    internal sealed record Wrote(long Highest);

    /// <summary>To the supervisor: an event of the batch cannot be put into bytes; its numbers up to this one are spent.</summary>
    internal sealed record Rejected(long Highest, Exception? Cause);

    /// <summary>To the supervisor: why the actor is about to stop.</summary>
    internal sealed record Failed(Exception Cause);
}
