namespace CrossLayer.Actors.Tests.Connections;

public class OwnDropTests
{
    [Fact]
    public void Packets_that_a_host_drops_on_their_way_out_are_told_from_those_that_came_to_it()
    {
        var server = Exchanges.Of(new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false)
            .ServerHostDropsItsOwn(22.1).ServerHostDropsItsOwn(222.1).ServerHostDrops(300).ServerIsAcked(440).ClientReads(441, 500)).Server();

        Assert.Equal((3, 2), (server.Drops, server.EgressDrops));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_both_ends_are_on_one_host_a_drop_is_the_end_s_whose_packet_it_was(bool clients)
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100);
        var exchanges = Exchanges.Of((clients ? c.ClientHostDropsItsOwn(21.5) : c.ServerHostDropsItsOwn(21.5)).ServerSends(22, 500).ClientReads(23, 500));

        Assert.Equal(clients ? (1, 0) : (0, 1), (exchanges.Client().EgressDrops, exchanges.Server().EgressDrops));
    }

    [Fact]
    public void What_a_router_in_another_namespace_drops_is_neither_ends()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerHostDropsItsOwn(20.5).ServerReads(21, 100).ServerSends(22, 500).ClientReads(23, 500);
        var events = c.Events.Select(e => e.SocketCookie == 0 ? e with { NetnsCookie = 9 } : e);

        Assert.All(Exchanges.Of(events), exchange => Assert.Equal((0, 0), (exchange.Drops, exchange.EgressDrops)));
    }
}
