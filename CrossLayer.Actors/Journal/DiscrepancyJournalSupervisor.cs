using Akka.Actor;
using Akka.Event;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Stands before <see cref="DiscrepancyJournal"/> and answers every <see cref="DiscrepancyJournal.Append"/>: with the
/// journal's answer, or with a failure when the journal fails, is being opened again, or has too much waiting. After a
/// failure it opens the journal again, after a wait that doubles each time.
/// </summary>
/// <remarks>
/// A batch that was answered with a failure may have reached the disk all the same, where the disk's answer was lost: who
/// sends it again has it written at least once, not exactly once.
/// </remarks>
public sealed class DiscrepancyJournalSupervisor : ReceiveActor, IWithTimers
{
    private readonly JournalSettings _settings;
    private readonly Props _journalProps;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    // Whoever waits for the journal's answer, in the order in which it will answer.
    private readonly Queue<IActorRef> _askers = new();
    private IActorRef _journal = ActorRefs.Nobody;
    private TimeSpan _wait;
    private Exception? _failure;

    /// <inheritdoc cref="DiscrepancyJournalSupervisor"/>
    /// <param name="settings">How often to open the journal again, and how much may wait.</param>
    /// <param name="journal">The actor that writes.</param>
    public DiscrepancyJournalSupervisor(JournalSettings settings, Props journal)
    {
        _settings = settings;
        _journalProps = journal;
        _wait = settings.RestartAfter;
        Open();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The journal, supervised.</summary>
    public static Props Props(JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var writer = settings.Writer;
        return Props(settings, Akka.Actor.Props.Create(() => new DiscrepancyJournal(writer)));
    }

    internal static Props Props(JournalSettings settings, Props journal) =>
        Akka.Actor.Props.Create(() => new DiscrepancyJournalSupervisor(settings, journal));

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
    {
        // A restart would forget the batches in flight without a word; a stop is seen.
        _failure = failure;
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void PostStop() => FailAll("the journal was shut down before it could answer");

    private void Opened()
    {
        Receive<DiscrepancyJournal.Append>(append =>
        {
            if (AnsweredAtOnce(append))
                return;
            if (_askers.Count >= _settings.MaxPendingBatches)
            {
                Refuse(Sender, $"{_askers.Count} batches already wait for the disk (crosslayer.journal.max-pending-batches)");
                return;
            }

            _askers.Enqueue(Sender);
            _journal.Tell(append);
        });
        Receive<DiscrepancyJournal.Appended>(appended =>
        {
            _wait = _settings.RestartAfter;
            _failure = null;
            _askers.Dequeue().Tell(appended);
        });
        Receive<Status.Failure>(rejection => _askers.Dequeue().Tell(rejection));
        Receive<DiscrepancyJournal.Failed>(failed => _failure = failed.Cause);
        Receive<Terminated>(_ => Close());
    }

    private void Closed()
    {
        Receive<DiscrepancyJournal.Append>(append =>
        {
            if (!AnsweredAtOnce(append))
                Refuse(Sender, "the journal is being opened again after a failure");
        });
        Receive<Reopen>(_ => Open());
    }

    private void Open()
    {
        _journal = Context.Watch(Context.ActorOf(_journalProps));
        Become(Opened);
    }

    private void Close()
    {
        _log.Error(
            _failure,
            "The journal {0} failed with {1} batches waiting; it is opened again in {2}.",
            _settings.FullPath,
            _askers.Count,
            _wait);
        FailAll("the write failed");
        Timers.StartSingleTimer(Reopen.Key, Reopen.Key, _wait);
        _wait = _wait * 2 < _settings.RestartAfterAtMost ? _wait * 2 : _settings.RestartAfterAtMost;
        Become(Closed);
    }

    private bool AnsweredAtOnce(DiscrepancyJournal.Append append)
    {
        if (DiscrepancyFound.In(append.Correlations).Any())
            return false;
        Sender.Tell(new DiscrepancyJournal.Appended(0));
        return true;
    }

    private void FailAll(string what)
    {
        while (_askers.TryDequeue(out var asker))
            Refuse(asker, what);
    }

    private void Refuse(IActorRef asker, string what)
    {
        var why = _failure is null ? "" : $": {_failure.GetBaseException().Message}";
        var refusal = new JournalUnavailableException($"cannot write to the journal {_settings.FullPath}: {what}{why}", _failure);
        asker.Tell(new Status.Failure(refusal));
    }

    private sealed class Reopen : INoSerializationVerificationNeeded
    {
        public static readonly Reopen Key = new();
    }
}
