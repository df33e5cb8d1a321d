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

    [Fact]
    public void A_client_that_writes_its_request_in_pieces_pauses_from_the_acknowledgement_of_one_to_the_next()
    {
        // Acknowledged at 22 and 122 ms, written on at 120 and 220 ms.
        var exchanges = Exchanges.Of(new Conversation().Open(10, 9).ClientSends(20, 100, acked: false).ServerReads(21, 100).ClientIsAcked(22)
            .ClientSends(120, 100, acked: false).ServerReads(121, 100).ClientIsAcked(122).ClientSends(220, 100).ServerReads(221, 100)
            .ServerSends(222, 500).ClientReads(223, 500));

        Assert.Equal(98_000_000 + 98_000_000, exchanges.Client().PausedNs);
        Assert.Equal(0, exchanges.Server().PausedNs);
    }

    [Fact]
    public void Who_waits_for_acknowledgements_does_not_pause()
    {
        Assert.Equal(0, Exchanges.Of(new Conversation().Open(10, 9).ClientSends(20, 100, acked: false).ClientSends(120, 100, acked: false)
            .ServerReads(121, 200).ServerSends(222, 500).ClientReads(223, 500)).Client().PausedNs);
    }

    private static Conversation Answered() =>
        new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false);
}
