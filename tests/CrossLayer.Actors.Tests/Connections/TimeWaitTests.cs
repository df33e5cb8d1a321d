using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Connections;

/// <summary>A server closes before its client does: what the client does then meets no socket, but TIME_WAIT, and is told of as a dropped packet.</summary>
public class TimeWaitTests
{
    private static readonly ExchangeTimes Times = PlainPipeline.Settings.ExchangeTimes;

    [Fact]
    public void A_reset_is_one_that_the_server_received()
    {
        var server = Exchanges.Of(Answered().ServerClosesFirst(24).ServerHostDrops(74, StreamFlags.PacketRst)).Server();

        Assert.Equal((24_000_000, 74_000_000, 74_000_000), (server.ClosedNs, server.ResetReceivedNs, server.LastNs));
        Assert.Equal(0, server.Drops);
    }

    [Fact]
    public void The_clients_FIN_is_the_end_and_a_reset_after_it_says_nothing()
    {
        var (assembler, facts) = (new ExchangeAssembler(Times, maxSockets: 10), new List<ConnectionFact>());
        Apply(assembler, facts, Answered().ServerClosesFirst(24));
        Assert.Empty(facts.OfType<ExchangeSettled>());
        Assert.Equal(1, assembler.Sockets);

        Apply(assembler, facts, new Conversation().ServerHostDrops(74, StreamFlags.PacketFin).ServerHostDrops(75, StreamFlags.PacketRst));

        var settled = Assert.Single(facts.OfType<ExchangeSettled>());
        var exchange = settled.Traced.Exchange;
        Assert.Equal((74_000_000, 23_000_000, 24_000_000), (settled.TimeNs, exchange.LastNs, exchange.ClosedNs));
        Assert.Null(exchange.ResetReceivedNs);
        Assert.Equal((0, 0), (exchange.Drops, assembler.Sockets));
    }

    [Fact]
    public void The_clients_end_is_waited_for_as_long_as_with_a_socket()
    {
        var (assembler, facts) = (new ExchangeAssembler(Times, maxSockets: 10), new List<ConnectionFact>());
        Apply(assembler, facts, Answered().ServerClosesFirst(24));

        assembler.Advance(23_000_000 + Times.SettleNs - 1, facts);
        Assert.Equal((0, 1), (facts.OfType<ExchangeSettled>().Count(), assembler.Sockets));
        assembler.Advance(23_000_000 + Times.SettleNs, facts);
        Assert.Equal((1, 0), (facts.OfType<ExchangeSettled>().Count(), assembler.Sockets));
        Apply(assembler, facts, new Conversation().ServerHostDrops(600, StreamFlags.PacketRst));
        Assert.Equal((1, 0), (facts.OfType<ExchangeSettled>().Count(), assembler.Sockets));
    }

    [Fact]
    public void What_is_later_than_that_and_comes_before_the_time_has_passed_ends_it_too()
    {
        var (assembler, facts) = (new ExchangeAssembler(Times, maxSockets: 10), new List<ConnectionFact>());
        Apply(assembler, facts, Answered().ServerClosesFirst(24).ServerHostDrops(600, StreamFlags.PacketRst));

        Assert.Null(Assert.Single(facts.OfType<ExchangeSettled>()).Traced.Exchange.ResetReceivedNs);
        Assert.Equal(0, assembler.Sockets);
    }

    [Fact]
    public void A_reset_that_a_living_socket_did_not_take_is_none()
    {
        var server = Exchanges.Of(Answered().ServerHostDrops(24, StreamFlags.PacketRst).ServerClosesFirst(25)).Server();

        Assert.Equal((null, 1), (server.ResetReceivedNs, server.Drops));
    }

    [Fact]
    public void A_port_that_is_used_again_meanwhile_is_another_connections()
    {
        var next = new Conversation { WithClient = false }.Open(40, 39).Exchange(50);
        var events = Answered().ServerClosesFirst(24).Events.Concat(next.Events.Select(e => e with { SocketCookie = 999 }))
            .Concat(new Conversation().ServerHostDrops(60, StreamFlags.PacketRst).Events);

        Assert.All(Exchanges.Of(events), exchange => Assert.Null(exchange.ResetReceivedNs));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_is_waited_for_where_the_client_has_had_its_say_or_the_response_is_not_through(bool reset)
    {
        var (assembler, facts) = (new ExchangeAssembler(Times, maxSockets: 10), new List<ConnectionFact>());
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: reset);
        Apply(assembler, facts, (reset ? c.ClientResets(23) : c).ServerClosesFirst(24));

        Assert.Single(facts.OfType<ExchangeSettled>());
        Assert.Equal(0, assembler.Sockets);
    }

    private static Conversation Answered() => new Conversation { WithClient = false }.Open(10, 9).Exchange(20);

    private static void Apply(ExchangeAssembler assembler, List<ConnectionFact> facts, Conversation conversation)
    {
        foreach (var e in conversation.Events.OrderBy(e => e.TimestampNs))
            assembler.Apply(in e, facts);
    }
}
