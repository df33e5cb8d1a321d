namespace CrossLayer.Actors.Tests.Connections;

public class PathHistoryTests
{
    [Fact]
    public void The_same_byte_sent_again_and_again_is_told_from_as_many_bytes_that_were_each_sent_again_once()
    {
        var stuck = Exchanges.Of(Answered().ServerRetransmits(222, 0, 500).ServerRetransmits(622, 0, 500).ServerRetransmits(1422, 0, 500)).Server();
        var scattered = Exchanges.Of(Answered().ServerRetransmits(222, 0, 100).ServerRetransmits(223, 100, 100).ServerRetransmits(224, 300, 100)).Server();

        Assert.Equal((3, 3), (stuck.Retransmits, stuck.RepeatedRetransmits));
        Assert.Equal((3, 1), (scattered.Retransmits, scattered.RepeatedRetransmits));
    }

    [Fact]
    public void What_was_not_sent_again_repeats_nothing()
    {
        Assert.Equal(0, Exchanges.Of(Answered()).Server().RepeatedRetransmits);
    }

    [Fact]
    public void The_silence_before_an_exchange_is_counted_from_the_last_sign_of_the_one_before_and_the_first_has_none()
    {
        // The first ends at 24 ms at the client, who reads last; at the server at 23 ms.
        var exchanges = Exchanges.Of(new Conversation().Open(10, 9).Exchange(20).Exchange(7020));

        Assert.Null(exchanges.Client().IdleNs);
        Assert.Null(exchanges.Server().IdleNs);
        Assert.Equal(6_996_000_000, exchanges.Client(2).IdleNs);
        Assert.Equal(6_998_000_000, exchanges.Server(2).IdleNs);
    }

    [Fact]
    public void A_round_trip_is_the_exchanges_longest_and_the_shortest_is_the_connections_so_far()
    {
        var exchanges = Exchanges.Of(new Conversation().RoundTripTakes(2).Open(10, 9).RoundTripTakes(3).Exchange(20)
            .RoundTripTakes(40).ClientSends(1020, 100).ServerReads(1021, 100).RoundTripTakes(7).ServerSends(1022, 500).ClientReads(1023, 500)
            .RoundTripTakes(1).Exchange(2000));

        Assert.Equal([(3_000_000L, 2_000_000L), (40_000_000, 2_000_000), (1_000_000, 1_000_000)],
            exchanges.Where(x => x.IsServer).OrderBy(x => x.Ordinal).Select(x => (x.RttNs, x.LeastRttNs)));
    }

    [Fact]
    public void Where_no_round_trip_was_measured_none_is_told()
    {
        var server = Exchanges.Of(Answered()).Server();

        Assert.Equal((0, 0), (server.RttNs, server.LeastRttNs));
    }

    private static Conversation Answered() =>
        new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false);
}
