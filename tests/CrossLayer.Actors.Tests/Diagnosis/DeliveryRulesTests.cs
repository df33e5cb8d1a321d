using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class DeliveryRulesTests
{
    [Fact]
    public void A_reset_whose_sender_is_not_in_sight_is_the_servers_with_less_confidence()
    {
        var c = new Conversation { WithServer = false }.Open(10, 9).ClientSends(20, 100).ClientReceivesReset(22).Close(23);

        Assert.InRange(FindingOf(c, c.ClientRecord(1, 19, 4, RequestResult.Reset)).Says(Cause.ServerAbort).Confidence, 0.3, 0.6);
    }

    [Fact]
    public void A_reset_in_the_name_of_a_server_that_read_nothing_yet_and_sent_none_was_injected()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ClientReceivesReset(22).Close(23);

        Assert.Equal(BlindLayer.Application, FindingOf(c, c.ClientRecord(1, 19, 4, RequestResult.Reset)).Says(Cause.InjectedReset).BlindLayer);
    }

    [Fact]
    public void A_reset_by_the_host_of_a_server_that_had_closed_its_socket_was_not_injected()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).ServerCloses(30)
            .ClientSends(40, 100, acked: false).ServerHostSendsReset(40.1).ClientReceivesReset(40.2).ClientCloses(41);

        Run(c, c.ClientRecord(1, 19, 6), c.ClientRecord(2, 39, 2, RequestResult.Reset)).Single(x => x.RequestId.Text == "2")
            .Finding.Says(Cause.ServerAbort);
    }

    [Fact]
    public void A_reset_by_the_host_of_a_server_that_left_amid_the_request_was_not_injected()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerCloses(30)
            .ClientSends(40, 100, acked: false).ServerHostSendsReset(40.1).ClientReceivesReset(40.2).ClientCloses(41);

        FindingOf(c, c.ClientRecord(1, 19, 22, RequestResult.Reset)).Says(Cause.ServerAbort);
    }

    [Fact]
    public void A_reset_after_the_client_had_given_up_decided_nothing()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ClientReceivesReset(600).Close(601);

        FindingOf(c, c.ClientRecord(1, 19, 500, RequestResult.Timeout)).DoesNotSay(Cause.InjectedReset, Cause.ServerAbort);
    }

    [Fact]
    public void What_a_server_writes_after_the_client_had_read_all_and_closed_was_not_lost()
    {
        // As TLS says goodbye: the client's host answers it with a reset.
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500).ClientReads(23, 500)
            .ClientCloses(30).ServerSends(31, 39, acked: false).ServerCloses(32);

        Assert.Equal(Verdict.Healthy, FindingOf(c, c.ServerRecord(1, 21, 2)).Verdict);
    }

    [Fact]
    public void What_a_server_wrote_before_the_client_closed_and_never_got_through_was_lost()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false)
            .ServerRetransmits(222, 0, 500).ServerRetransmits(622, 0, 500).ClientCloses(1900).ServerCloses(1901);

        FindingOf(c, c.ServerRecord(1, 21, 2)).Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void A_reset_long_after_the_response_was_given_up_is_not_why_it_was_lost()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false)
            .ServerRetransmits(222, 0, 500).ServerRetransmits(622, 0, 500).ClientReceivesReset(5000).ClientCloses(5001);

        FindingOf(c, c.ClientRecord(1, 19, 4985, RequestResult.Reset), c.ServerRecord(1, 21, 2)).Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void A_response_that_the_servers_own_host_dropped_is_told_from_one_that_was_lost_on_the_way()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSends(22, 500, acked: false).ServerHostDropsItsOwn(22.1).ServerHostDropsItsOwn(222.1);
        var later = new Conversation(clientPort: 50000).Open(70_000, 69_999);

        var finding = Assert.Single(Run(c.Events.Concat(later.Events), c.ServerRecord(1, 21, 2))).Finding.Says(Cause.LocalEgressDrop);

        Assert.Contains("dropped 2 packets on the way out", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_host_drops_as_it_comes_in_is_no_loss_of_its_own_packets()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSends(22, 500, acked: false).ServerHostDrops(22.2).ServerRetransmits(222, 0, 500).ServerHostDrops(222.2);
        var later = new Conversation(clientPort: 50000).Open(70_000, 69_999);

        Assert.Single(Run(c.Events.Concat(later.Events), c.ServerRecord(1, 21, 2))).Finding.Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void A_response_that_a_client_waited_for_in_vain_is_lost_though_the_servers_application_says_nothing()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false)
            .ServerRetransmits(222, 0, 500).ServerRetransmits(622, 0, 500).Close(1020);

        FindingOf(c, c.ClientRecord(1, 19, 1001, RequestResult.Timeout)).Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void A_response_that_was_written_when_the_client_had_given_up_was_not_lost()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ClientCloses(300)
            .ServerSends(400, 500, acked: false).ServerRetransmits(600, 0, 500).ServerCloses(700);

        FindingOf(c, c.ClientRecord(1, 19, 281, RequestResult.Timeout)).DoesNotSay(Cause.SilentResponseLoss);
    }

    [Fact]
    public void A_request_that_never_arrived_was_lost_on_the_way()
    {
        var c = GivenUp(new Conversation().Open(10, 9), 20, 0);

        FindingOf(c, c.ClientRecord(1, 19, 2001, RequestResult.Timeout)).Says(Cause.PathLoss);
    }

    [Fact]
    public void A_request_that_its_own_host_dropped_never_was_on_the_way()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100, acked: false).ClientHostDropsItsOwn(20.1).ClientRetransmits(220, 0, 100)
            .ClientHostDropsItsOwn(220.1).ClientCloses(2020);

        Assert.Contains("client's host", FindingOf(c, c.ClientRecord(1, 19, 2001, RequestResult.Timeout)).Says(Cause.LocalEgressDrop).Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5020, Cause.IdleConnectionDrop)]
    [InlineData(120, Cause.PathLoss)]
    public void A_request_that_never_arrived_after_a_long_silence_met_somebody_who_had_forgotten_the_connection(double atMs, Cause expected)
    {
        var c = GivenUp(new Conversation().Open(10, 9).Exchange(20), atMs, 100);

        Run(c, c.ClientRecord(1, 19, 6), c.ClientRecord(2, atMs - 1, 2001, RequestResult.Timeout)).Single(x => x.RequestId.Text == "2")
            .Finding.Says(expected);
    }

    [Fact]
    public void A_request_that_was_acknowledged_after_all_did_arrive()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100, acked: false).ClientRetransmits(220, 0, 100).ClientIsAcked(240)
            .ServerReads(241, 100).Close(2020);

        FindingOf(c, c.ClientRecord(1, 19, 2001, RequestResult.Timeout)).Says(Cause.SlowHandler);
    }

    [Fact]
    public void A_request_that_was_acknowledged_and_never_read_met_a_process_that_stands_still()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).Close(2020);

        FindingOf(c, c.ClientRecord(1, 19, 2001, RequestResult.Timeout)).Says(Cause.ProcessStall);
    }

    [Theory]
    [InlineData(1900, Cause.ProcessStall)]
    [InlineData(21, Cause.SlowHandler)]
    public void A_request_that_was_read_just_before_the_client_gave_up_lay_there_before(double readMs, Cause expected)
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(readMs, 100).Close(2020);

        FindingOf(c, c.ClientRecord(1, 19, 2001, RequestResult.Timeout)).Says(expected);
    }

    [Fact]
    public void Where_the_server_is_not_in_sight_an_acknowledged_request_may_have_been_read()
    {
        var c = new Conversation { WithServer = false }.Open(10, 9).ClientSends(20, 100).Close(2020);

        FindingOf(c, c.ClientRecord(1, 19, 2001, RequestResult.Timeout)).DoesNotSay(Cause.ProcessStall);
    }

    private static Conversation GivenUp(Conversation c, double atMs, ulong offset) =>
        c.ClientSends(atMs, 100, acked: false).ClientRetransmits(atMs + 200, offset, 100).ClientRetransmits(atMs + 600, offset, 100).ClientCloses(atMs + 2000);

    private static Finding FindingOf(Conversation c, params TimedRecord[] records) => Assert.Single(Run(c, records)).Finding;
}
