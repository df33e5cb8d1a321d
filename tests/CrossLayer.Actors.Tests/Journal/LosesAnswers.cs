using Akka.Actor;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>A real journal whose answers to some writes are lost, as when a connection breaks after the commit: it stops after them.</summary>
internal sealed class LosesAnswers : ReceiveActor
{
    /// <param name="writer">The persistence id.</param>
    /// <param name="loses">Whether the answer to a write is lost, by its number over all incarnations, from 1.</param>
    /// <param name="writes">Counts the writes.</param>
    public LosesAnswers(string writer, Func<int, bool> loses, StrongCount writes)
    {
        var journal = Context.ActorOf(Props.Create(() => new DiscrepancyJournal(writer)));
        Receive<DiscrepancyJournal.Write>(write => journal.Tell(write));
        Receive<DiscrepancyJournal.Wrote>(wrote =>
        {
            if (loses(++writes.Value))
                throw new IOException("the connection broke");
            Context.Parent.Tell(wrote);
        });
        ReceiveAny(Context.Parent.Tell);
    }

    internal sealed class StrongCount
    {
        public int Value { get; set; }
    }
}
