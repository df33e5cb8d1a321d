using Akka.Actor;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>
/// A real journal whose first write gets no answer in time and reaches the disk late: after the journal was opened again
/// and found without it, and just before the batch that is sent again.
/// </summary>
internal sealed class WritesLate : ReceiveActor
{
    private readonly IActorRef _journal;
    private IActorRef _late = ActorRefs.Nobody;
    private DiscrepancyJournal.Write? _again;

    /// <param name="writer">The persistence id.</param>
    /// <param name="writes">Counts the writes over all incarnations.</param>
    public WritesLate(string writer, LosesAnswers.StrongCount writes)
    {
        var props = Props.Create(() => new DiscrepancyJournal(writer));
        _journal = Context.Watch(Context.ActorOf(props));
        Receive<DiscrepancyJournal.Write>(write =>
        {
            switch (++writes.Value)
            {
                case 1:
                    throw new TimeoutException("no answer in time");
                case 2:
                    _again = write;
                    _late = Context.ActorOf(props);
                    break;
                default:
                    _journal.Tell(write);
                    break;
            }
        });
        Receive<DiscrepancyJournal.Opened>(_ => Sender.Equals(_late), _ => _late.Tell(_again));
        Receive<DiscrepancyJournal.Wrote>(_ => Sender.Equals(_late), _ => _journal.Tell(_again));
        Receive<Terminated>(_ => Context.Stop(Self));
        ReceiveAny(Context.Parent.Tell);
    }
}
