namespace CrossLayer.Actors.Tests.Connections;

public class PeerInSightTests
{
    [Fact]
    public void Of_a_peer_that_is_not_in_sight_nothing_is_said()
    {
        var client = Exchanges.Of(new Conversation { WithServer = false }.Open(10, 9).ClientSends(20, 100).ClientReceivesReset(22).Close(23)).Client();

        Assert.Null(client.PeerSentReset);
    }

    [Fact]
    public void A_peer_in_sight_that_sent_no_reset_is_said_to_have_sent_none_though_it_read_nothing()
    {
        var exchanges = Exchanges.Of(new Conversation().Open(10, 9).ClientSends(20, 100).ClientReceivesReset(22).Close(23));

        Assert.False(Assert.Single(exchanges).PeerSentReset);
    }

    [Fact]
    public void A_reset_is_its_senders()
    {
        var exchanges = Exchanges.Of(new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSendsReset(22).ClientReceivesReset(22).Close(23));

        Assert.Equal((true, false), (exchanges.Client().PeerSentReset, exchanges.Server().PeerSentReset));
    }

    [Fact]
    public void A_reset_from_a_host_whose_socket_is_gone_is_the_peers()
    {
        var exchanges = Exchanges.Of(new Conversation().Open(10, 9).Exchange(20).ServerCloses(30)
            .ClientSends(40, 100, acked: false).ServerHostSendsReset(40.1).ClientReceivesReset(40.2).ClientCloses(41));

        Assert.True(exchanges.Client(2).PeerSentReset);
    }

    [Fact]
    public void A_reset_from_a_host_without_a_socket_is_not_the_other_ends_on_the_same_host()
    {
        var exchanges = Exchanges.Of(new Conversation { WithServer = false }.Open(10, 9).ClientSends(20, 100)
            .ServerHostSendsReset(22).ClientReceivesReset(22).Close(23));

        Assert.Null(exchanges.Client().ResetSentNs);
        Assert.True(exchanges.Client().PeerSentReset);
    }

    [Fact]
    public void Answers_to_a_connection_attempt_that_the_peers_host_sent_again_are_counted_though_none_arrived()
    {
        var client = Exchanges.Of(new Conversation().ClientRetransmitsSyn(1010).ServerHostRetransmitsSynack(1020)
            .ServerHostRetransmitsSynack(3020).FailToOpen(5000, 10, 0)).Client();

        Assert.Equal((1, 2), (client.SynRetransmits, client.PeerSynackRetransmits));
    }

    [Fact]
    public void Answers_to_another_connection_attempt_are_not_counted()
    {
        var other = new Conversation(clientPort: 50000).ServerHostRetransmitsSynack(1020);

        var client = Exchanges.Of(new Conversation().ClientRetransmitsSyn(1010).FailToOpen(5000, 10, 0).Events.Concat(other.Events)).Client();

        Assert.Equal(0, client.PeerSynackRetransmits);
    }

    [Fact]
    public void What_was_sent_again_to_open_a_connection_is_its_first_exchanges_alone()
    {
        var exchanges = Exchanges.Of(new Conversation().ClientRetransmitsSyn(9.1).ServerHostRetransmitsSynack(9.5).Open(10, 9).Exchange(20).Exchange(40));

        Assert.Equal((1, 0), (exchanges.Client().PeerSynackRetransmits, exchanges.Client(2).PeerSynackRetransmits));
    }
}
