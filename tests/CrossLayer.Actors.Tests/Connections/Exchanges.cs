using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Connections;

/// <summary>What the assembler makes of a conversation, to the end.</summary>
internal static class Exchanges
{
    public static List<Exchange> Of(Conversation conversation) => Of(conversation.Events);

    public static List<Exchange> Of(IEnumerable<KernelEvent> events)
    {
        var assembler = new ExchangeAssembler(PlainPipeline.Settings.ExchangeTimes, maxSockets: 100);
        var facts = new List<ConnectionFact>();
        foreach (var e in events.OrderBy(e => e.TimestampNs))
            assembler.Apply(in e, facts);
        assembler.Advance(long.MaxValue, facts);
        return [.. facts.OfType<ExchangeSettled>().Select(settled => settled.Traced.Exchange)];
    }

    public static Exchange Client(this List<Exchange> exchanges, int ordinal = 1) => exchanges.Single(x => !x.IsServer && x.Ordinal == ordinal);

    public static Exchange Server(this List<Exchange> exchanges, int ordinal = 1) => exchanges.Single(x => x.IsServer && x.Ordinal == ordinal);
}
