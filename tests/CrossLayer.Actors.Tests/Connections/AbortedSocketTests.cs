using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Connections;

public class AbortedSocketTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_socket_that_was_closed_before_it_sent_a_reset_is_forgotten(bool duringAnExchange)
    {
        var c = new Conversation { WithClient = false }.Open(10, 9);
        if (duringAnExchange)
            c.ClientSends(20, 100).ServerReads(21, 100);
        c.ServerSendsReset(30);
        var assembler = new ExchangeAssembler(PlainPipeline.Settings.ExchangeTimes, 10);
        var facts = new List<ConnectionFact>();

        foreach (var seen in c.Events)
        {
            var e = seen;
            e.NewState = e.Type == KernelEventType.ResetSent ? TcpState.Close : e.NewState;
            assembler.Apply(in e, facts);
        }

        Assert.Equal(0, assembler.Sockets);
        Assert.Equal(duringAnExchange ? [30_000_000L] : [], facts.OfType<ExchangeSettled>().Select(fact => fact.Traced.Exchange.ResetSentNs ?? 0));
    }

    [Fact]
    public void A_socket_that_sends_a_reset_in_another_state_is_still_followed()
    {
        var assembler = new ExchangeAssembler(PlainPipeline.Settings.ExchangeTimes, 10);

        foreach (var e in new Conversation { WithClient = false }.Open(10, 9).ServerSendsReset(30).Events)
            assembler.Apply(in e, []);

        Assert.Equal(1, assembler.Sockets);
    }
}
