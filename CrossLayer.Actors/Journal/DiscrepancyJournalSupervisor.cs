using Akka.Actor;
using Akka.Event;
using Akka.Persistence.Journal;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Stands before <see cref="DiscrepancyJournal"/> and sees to it that each batch is written once. When a write fails it
/// opens the journal again, after a wait that doubles each time, and goes on with the same batch, for as long as it lives.
/// </summary>
/// <remarks>
/// One batch is with the journal at a time. Its events take the numbers that follow the highest one in the journal, and they
/// take the same numbers when the batch is sent again: of two writes, the journal's unique index on writer and number lets
/// one through, also where the first one reaches the disk late. A batch is written whole or not at all. So when the journal is open again and its highest number is
/// still the one before the batch, the batch is not there, and is sent again; when it is higher, the rows with the batch's numbers are compared with
/// the batch: they are it, and only the answer was lost; or they are another program's under the same name, and the batch takes the next free numbers.
/// </remarks>
public sealed class DiscrepancyJournalSupervisor : ReceiveActor, IWithTimers
{
    private static readonly string[] Tags = [DiscrepancyFound.Tag];
    private static readonly string[] SummaryTags = [IntervalSummary.Tag];

    private readonly JournalSettings _settings;
    private readonly Props _journalProps;
    private readonly JournalDatabase _database;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    // The first one is with the journal, or the next to be sent.
    private readonly Queue<PendingBatch> _waiting = new();
    private IActorRef _journal = ActorRefs.Nobody;
    private bool _open;
    private bool _sent; // the first batch has been sent, its numbers following _highest, and its fate is not known
    private long _highest;
    private int _opening; // the number of this opening: answers to the question of an earlier one are passed over
    private TimeSpan _wait;
    private JournalOutage? _outage;
    private Exception? _failure;
    private bool _finishing;
    private bool _givenUp;
    private long _written;
    private long _retries;
    private long _foundWritten;
    private long _notWritten;

    /// <inheritdoc cref="DiscrepancyJournalSupervisor"/>
    /// <param name="settings">How often to open the journal again, and how much may wait.</param>
    /// <param name="journal">The actor that writes.</param>
    public DiscrepancyJournalSupervisor(JournalSettings settings, Props journal)
    {
        (_settings, _journalProps, _wait) = (settings, journal, settings.RestartAfter);
        _database = JournalDatabase.Of(settings);
        Receive<DiscrepancyJournal.Append>(append =>
            Take([.. DiscrepancyFound.In(append.Correlations).Select(found => new Tagged(found, Tags))]));
        Receive<DiscrepancyJournal.AppendSummary>(append => Take([new Tagged(append.Summary, SummaryTags)]));
        Receive<DiscrepancyJournal.Opened>(Opened);
        Receive<Checked>(Compared);
        Receive<DiscrepancyJournal.Wrote>(wrote => Settle(wrote.Highest, null));
        Receive<DiscrepancyJournal.Rejected>(Rejected);
        Receive<DiscrepancyJournal.Failed>(failed => _failure = failed.Cause);
        Receive<Terminated>(_ => Close());
        Receive<Reopen>(_ => Open());
        Receive<DiscrepancyJournal.Finish>(_ => Finish());
        Receive<GiveUp>(_ => StopTrying());
        Receive<GetJournalStatus>(_ => Sender.Tell(Status()));
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
        // A restart would forget the batch in flight without a word; a stop is seen.
        _failure = failure;
        return Directive.Stop;
    });

    /// <inheritdoc/>
    protected override void PreStart() => Open();

    /// <inheritdoc/>
    protected override void PostStop() => RefuseAll("the journal was shut down before it could answer");

    private void Take(IReadOnlyList<Tagged> events)
    {
        if (events.Count == 0)
        {
            Sender.Tell(new DiscrepancyJournal.Appended(0));
            return;
        }

        var batch = new PendingBatch(events, Sender);
        if (_givenUp)
        {
            Refuse(batch, GivenUp());
            return;
        }

        if (_waiting.Count >= _settings.MaxPendingBatches)
        {
            Refuse(batch, $"{_waiting.Count} batches already wait for the disk (crosslayer.journal.max-pending-batches)");
            return;
        }

        _waiting.Enqueue(batch);
        if (_waiting.Count == 1)
            ExpectProgress();
        SendNext();
    }

    private void SendNext()
    {
        if (!_open || _sent || !_waiting.TryPeek(out var batch))
            return;
        _sent = true;
        _journal.Tell(new DiscrepancyJournal.Write(batch.Events));
    }

    private void Settle(long highest, JournalUnavailableException? rejection)
    {
        _highest = highest;
        if (!_sent)
            return; // it was given up
        _sent = false;
        var batch = _waiting.Dequeue();
        if (rejection is null)
        {
            _written += batch.Events.Count;
            batch.Asker.Tell(new DiscrepancyJournal.Appended(batch.Events.Count));
        }
        else
        {
            _notWritten += batch.Events.Count;
            batch.Asker.Tell(new Status.Failure(rejection));
        }

        Recovered();
        ExpectProgress();
        SendNext();
    }

    private void Rejected(DiscrepancyJournal.Rejected rejected)
    {
        var count = _waiting.TryPeek(out var batch) ? batch.Events.Count : 0;
        var refusal = new JournalUnavailableException(
            $"the journal rejected a batch of {count} events, and none was written: {rejected.Cause?.Message}", rejected.Cause);
        _log.Error(refusal, "{0}", refusal.Message);
        Settle(rejected.Highest, refusal);
    }

    private void Open()
    {
        _opening++;
        _journal = Context.Watch(Context.ActorOf(_journalProps));
    }

    private void Opened(DiscrepancyJournal.Opened opened)
    {
        if (_sent && opened.Highest > _highest)
        {
            // The first batch is there, or another program's events have its numbers.
            var opening = _opening;
            var events = _waiting.Peek().Serialize(Context.System);
            _ = _database.HoldsAsync(_settings.Writer, _highest + 1, events).PipeTo(
                Self, success: holds => new Checked(opening, opened.Highest, holds, null), failure: e => new Checked(opening, 0, false, e));
            return;
        }

        if (_sent)
        {
            _retries++;
            _sent = false;
        }

        GoOn(opened.Highest);
    }

    private void Compared(Checked answer)
    {
        if (answer.Opening != _opening)
            return;
        if (answer.Failure is not null)
        {
            _failure = answer.Failure;
            Context.Stop(_journal);
            return;
        }

        if (answer.Holds && _sent)
        {
            _foundWritten++;
            Settle(answer.Highest, null);
        }
        else if (_sent)
        {
            _retries++;
            _sent = false;
            _log.Error("Another program writes to the journal {0} under the name '{1}'; give one of them another name (crosslayer.journal.writer).",
                _settings.Name, _settings.Writer);
        }

        GoOn(answer.Highest);
    }

    private void GoOn(long highest)
    {
        (_highest, _open) = (highest, true);
        if (_waiting.Count == 0)
            Recovered();
        SendNext();
    }

    private void Close()
    {
        _open = false;
        var reason = _database.Reason(_failure);
        if (_outage is null)
        {
            _log.Warning("The journal {0} is unavailable: {1}. {2} events wait; it is tried again until they are written.",
                _settings.Name, reason, Waiting());
        }

        _outage = new JournalOutage(reason, _outage?.Since ?? Context.System.Scheduler.Now, (_outage?.Attempts ?? 0) + 1);
        Timers.StartSingleTimer(nameof(Reopen), new Reopen(), _wait);
        _wait = _wait * 2 < _settings.RestartAfterAtMost ? _wait * 2 : _settings.RestartAfterAtMost;
    }

    // Opening a journal on a full disk succeeds: what tells is a write, where one waits.
    private void Recovered()
    {
        _wait = _settings.RestartAfter;
        _failure = null;
        if (_outage is not { } outage)
            return;
        _outage = null;
        _log.Warning("The journal {0} is available again after {1:0.0} s and {2} attempts; {3} events wait.",
            _settings.Name, (Context.System.Scheduler.Now - outage.Since).TotalSeconds, outage.Attempts, Waiting());
    }

    private void Finish()
    {
        _finishing = true;
        ExpectProgress();
    }

    private void ExpectProgress()
    {
        if (_finishing)
            Timers.StartSingleTimer(nameof(GiveUp), new GiveUp(), _settings.GiveUpAfter);
    }

    private void StopTrying()
    {
        if (_waiting.Count == 0 && _outage is null)
            return;
        _givenUp = true;
        _log.Error("The journal {0}: {1}; {2} events are not written, or not known to be.", _settings.Name, GivenUp(), Waiting());
        RefuseAll(GivenUp());
        _sent = false;
    }

    private string GivenUp() => $"given up while stopping, after {_settings.GiveUpAfter.TotalSeconds:0.#} s without a successful write";

    private void RefuseAll(string what)
    {
        while (_waiting.TryDequeue(out var batch))
            Refuse(batch, what);
    }

    private void Refuse(PendingBatch batch, string what)
    {
        _notWritten += batch.Events.Count;
        var why = _failure is null ? "" : $": {_database.Reason(_failure)}";
        var refusal = new JournalUnavailableException($"cannot write to the journal {_settings.Name}: {what}{why}", _failure);
        batch.Asker.Tell(new Status.Failure(refusal));
    }

    private int Waiting() => _waiting.Sum(batch => batch.Events.Count);

    private JournalStatus Status() => new(_outage, _waiting.Count, Waiting(), _written, _retries, _foundWritten, _notWritten);

    private sealed record Checked(int Opening, long Highest, bool Holds, Exception? Failure) : INoSerializationVerificationNeeded;

    private sealed record Reopen : INoSerializationVerificationNeeded;

    private sealed record GiveUp : INoSerializationVerificationNeeded;
}
