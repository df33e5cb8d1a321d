using Akka;
using Akka.Actor;
using Akka.Event;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Writes an <see cref="IntervalSummary"/> for each interval in which something came. Told <see cref="Requests"/> and <see cref="LostEvents"/>;
/// answers <see cref="Finish"/> when the last summary is in the journal, or is refused.
/// </summary>
public sealed class SummaryActor : ReceiveActor, IWithTimers
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly SummaryAggregator _aggregator;
    private readonly IActorRef _journal;
    private int _writing;
    private IActorRef _finisher = ActorRefs.Nobody;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public SummaryActor(JournalSettings settings, IActorRef journal)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _aggregator = new SummaryAggregator(settings.SummaryInterval, settings.SummaryRoutes);
        _journal = journal;
        Receive<Requests>(requests =>
        {
            Close(ending: false);
            _aggregator.Add(requests.Correlations, Now());
        });
        Receive<LostEvents>(lost => _aggregator.Lost(lost.Total));
        Receive<Tick>(_ => Close(ending: false));
        Receive<Finish>(_ =>
        {
            _finisher = Sender;
            Close(ending: true);
            AnswerFinisher();
        });
        Receive<DiscrepancyJournal.Appended>(_ => Settled());
        Receive<Status.Failure>(failure =>
        {
            _log.Error("A summary was not written: {0}", failure.Cause.Message);
            Settled();
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="settings">How long an interval is, and how many routes are told apart.</param>
    /// <param name="journal">Answers <see cref="DiscrepancyJournal.AppendSummary"/>.</param>
    public static Props Props(JournalSettings settings, IActorRef journal) => Akka.Actor.Props.Create(() => new SummaryActor(settings, journal));

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(Tick.Key, Tick.Key, TimeSpan.FromSeconds(1));

    private static long Now() => (Context.System.Scheduler.Now - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    private void Close(bool ending)
    {
        if (_aggregator.Close(Now(), ending) is not { } summary)
            return;
        _writing++;
        _journal.Tell(new DiscrepancyJournal.AppendSummary(summary));
    }

    private void Settled()
    {
        _writing--;
        AnswerFinisher();
    }

    private void AnswerFinisher()
    {
        if (_writing > 0 || _finisher.IsNobody())
            return;
        _finisher.Tell(Done.Instance);
        _finisher = ActorRefs.Nobody;
    }

    /// <summary>Requests that are decided.</summary>
    public sealed record Requests(IReadOnlyList<Correlation> Correlations) : INoSerializationVerificationNeeded;

    /// <summary>Kernel events lost since the start of the program.</summary>
    public sealed record LostEvents(long Total);

    /// <summary>Write what there is of the interval; answered by <see cref="Done"/>.</summary>
    public sealed record Finish;

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Key = new();
    }
}
