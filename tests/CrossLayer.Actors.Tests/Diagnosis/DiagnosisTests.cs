using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class DiagnosisTests
{
    [Fact]
    public void An_ordinary_request_is_healthy_and_its_ledger_adds_up()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 8, 17)));

        Assert.Equal(Finding.Healthy, correlation.Finding);
        Assert.Equal(new Ledger
        {
            ConnectMs = 1,
            AcceptWaitMs = 1,
            RequestMs = 0,
            ApplicationMs = 2,
            ResponseMs = 0,
            SndbufLimitedMs = 0,
            RwndLimitedMs = 0,
            RecoveryMs = 0,
            AckWaitMs = 1,
            RemainderMs = 12,
        }, correlation.Ledger);
    }

    [Fact]
    public void A_response_that_the_client_resets_unread_is_found_though_the_server_reports_success()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500).ClientResets(25).Close(25);

        var correlation = Assert.Single(Run(c, c.ServerRecord(1, 21, 2)));

        Expect(correlation, Cause.UnreadClose, BlindLayer.Application);
        Assert.Contains("200 in 2 ms", correlation.Finding.Reason, StringComparison.Ordinal);
        Assert.Contains("500 bytes", correlation.Finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_servers_socket_alone_shows_an_unread_response_by_the_reset_with_less_confidence()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9)
            .ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500).ClientResets(25).Close(26);

        var correlation = Assert.Single(Run(c, c.ServerRecord(1, 21, 2)));

        Expect(correlation, Cause.UnreadClose, BlindLayer.Application);
        Assert.InRange(correlation.Finding.Confidence, 0.5, 0.7);
    }

    [Fact]
    public void So_does_a_reset_that_finds_the_servers_socket_gone()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSends(22, 500).ServerClosesFirst(23).ServerHostDrops(73, StreamFlags.PacketRst);

        var correlation = Assert.Single(Run(c, c.ServerRecord(1, 21, 2)));

        Expect(correlation, Cause.UnreadClose, BlindLayer.Application);
        Assert.InRange(correlation.Finding.Confidence, 0.5, 0.7);
        Assert.Contains("51 ms after the response", correlation.Finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_read_everything_and_then_resets_is_healthy()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).ClientResets(25).Close(25);

        Assert.Equal(Verdict.Healthy, Assert.Single(Run(c, c.ServerRecord(1, 21, 2))).Finding.Verdict);
    }

    [Fact]
    public void A_client_that_reports_its_answer_and_closes_unread_did_so_by_its_own_wish()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500)
            .ClientReads(23, 200).ClientResets(25).Close(25);

        Assert.Equal(Verdict.Healthy, Assert.Single(Run(c, c.ClientRecord(1, 19, 5), c.ServerRecord(1, 21, 2))).Finding.Verdict);
    }

    [Fact]
    public void A_response_that_is_never_acknowledged_is_silent_loss()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSends(22, 500, acked: false).ServerRetransmits(222, 0, 500).ServerRetransmits(622, 0, 500);
        var later = new Conversation(clientPort: 50000).Open(6000, 5999);

        var correlation = Assert.Single(Run(c.Events.Concat(later.Events), c.ServerRecord(1, 21, 2)));

        Expect(correlation, Cause.SilentResponseLoss, BlindLayer.Application);
        Assert.Null(correlation.DeliveredMs);
    }

    [Fact]
    public void A_response_that_is_neither_acknowledged_nor_sent_again_is_no_proof_of_loss()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false);
        var later = new Conversation(clientPort: 50000).Open(70_000, 69_999);

        Expect(Assert.Single(Run(c.Events.Concat(later.Events), c.ServerRecord(1, 21, 2))), Cause.Unknown, BlindLayer.Application);
    }

    [Fact]
    public void An_unacknowledged_response_proves_nothing_where_the_evidence_ends()
    {
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSends(22, 500, acked: false);

        Assert.Equal(Verdict.Inconclusive, Assert.Single(Run(c, c.ServerRecord(1, 21, 2))).Finding.Verdict);
    }

    [Fact]
    public void A_slow_handler_is_told_from_a_slow_network()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(5021, 500).ClientReads(5022, 500);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 19, 5004))), Cause.SlowHandler, BlindLayer.Kernel);
    }

    [Fact]
    public void A_slow_handler_is_seen_from_the_client_alone_with_less_confidence()
    {
        var c = new Conversation { WithServer = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSends(721, 500).ClientReads(722, 500);

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 19, 704)));

        Expect(correlation, Cause.SlowHandler, BlindLayer.Kernel);
        Assert.InRange(correlation.Finding.Confidence, 0.5, 0.7);
    }

    [Fact]
    public void A_request_that_is_expected_to_be_slow_is_healthy()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(721, 500).ClientReads(722, 500);
        var record = c.ClientRecord(1, 19, 704);

        Assert.Equal(Verdict.Healthy, Assert.Single(Run(c, record with { Record = record.Record with { ExpectedSlow = true } })).Finding.Verdict);
    }

    [Fact]
    public void A_slow_reader_is_found_by_the_time_that_sending_waited_for_its_window()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false)
            .ClientHasReceivedAll().ClientReads(30, 100).RwndLimitedFor(5400).ServerIsAcked(5500).ClientReads(5501, 400);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 19, 5483))), Cause.SlowReader, BlindLayer.Application);
    }

    [Fact]
    public void Retransmits_explain_a_slow_request()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500, acked: false)
            .ServerRetransmits(230, 0, 500).ServerRetransmits(640, 0, 500).ServerIsAcked(641).ClientReads(642, 500);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 19, 624))), Cause.PathLoss, BlindLayer.Application);
    }

    [Fact]
    public void A_retransmit_without_effect_is_no_fault()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 500)
            .ServerRetransmits(23, 0, 500).ClientReads(24, 500);

        Assert.Equal(Verdict.Healthy, Assert.Single(Run(c, c.ClientRecord(1, 19, 6))).Finding.Verdict);
    }

    [Fact]
    public void A_request_that_lies_unread_at_the_server_is_a_stalled_process()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(820, 100).ServerSends(821, 500).ClientReads(822, 500);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 19, 804))), Cause.ProcessStall, BlindLayer.Application);
    }

    [Fact]
    public void A_refused_connection_is_seen_by_both_layers()
    {
        var c = new Conversation().FailToOpen(10, 9.5, 111);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 9, 2, RequestResult.Refused))), Cause.NoListener, BlindLayer.None);
    }

    [Fact]
    public void A_connection_attempt_without_an_answer_is_a_black_hole()
    {
        var c = new Conversation().ClientRetransmitsSyn(1010).ClientRetransmitsSyn(3010).FailToOpen(5000, 10, 0);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 9, 4992, RequestResult.Timeout))), Cause.ConnectBlackhole, BlindLayer.Application);
    }

    [Fact]
    public void A_reset_that_the_server_sent_is_the_servers()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSendsReset(22).ClientReceivesReset(22).Close(23);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 19, 4, RequestResult.Reset))), Cause.ServerAbort, BlindLayer.None);
    }

    [Fact]
    public void A_reset_that_the_server_did_not_send_was_injected()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ClientReceivesReset(22).Close(23);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 19, 4, RequestResult.Reset))), Cause.InjectedReset, BlindLayer.Application);
    }

    [Fact]
    public void A_client_that_gives_up_on_a_slow_handler_blames_the_handler()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).Close(520);

        Expect(Assert.Single(Run(c, c.ClientRecord(1, 19, 501, RequestResult.Timeout))), Cause.SlowHandler, BlindLayer.Kernel);
    }

    [Fact]
    public void A_request_that_was_read_as_it_came_did_not_wait_for_the_server()
    {
        var c = new Conversation().Open(10, 9);
        foreach (var ms in new[] { 20, 320, 620, 920 })
            c.ClientSends(ms, 1000).ServerReads(ms + 1, 1000);
        c.ServerSends(922, 500).ClientReads(923, 500);

        Assert.NotEqual(Cause.ProcessStall, Assert.Single(Run(c, c.ClientRecord(1, 19, 904))).Finding.Cause);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_deadline_that_passes_before_work_that_is_expected_to_take_long_is_the_clients_own(bool clientExpects, bool serverExpects)
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).Close(620);
        var (client, server) = (c.ClientRecord(1, 19, 601, RequestResult.Timeout), c.ServerRecord(1, 21, 600, RequestResult.Reset));

        var finding = Assert.Single(Run(c, client with { Record = client.Record with { ExpectedSlow = clientExpects } },
            server with { Record = server.Record with { ExpectedSlow = serverExpects } })).Finding;

        Assert.True(finding.Verdict == Verdict.Healthy, finding.Reason);
        Assert.Contains("the client's own deadline", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_response_shorter_than_the_application_says_is_found()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);
        var later = new Conversation(clientPort: 50000).Open(3000, 2999);
        var record = c.ServerRecord(1, 21, 2);

        Expect(Assert.Single(Run(c.Events.Concat(later.Events), record with { Record = record.Record with { ResponseBytes = 900 } })), Cause.ShortResponse, BlindLayer.Application);
    }

    [Fact]
    public void A_window_that_a_loss_touches_is_inconclusive()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Loses(21, 22, 3);

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 19, 6)));

        Assert.Equal(Verdict.Inconclusive, correlation.Finding.Verdict);
        Assert.Equal("kernel events were lost in the request's time", correlation.Finding.Reason);
        Assert.False(correlation.EvidenceComplete);
    }

    [Fact]
    public void A_record_without_kernel_events_is_inconclusive_not_healthy()
    {
        var c = new Conversation();

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 19, 6)));

        Assert.Equal((Verdict.Inconclusive, "there are no kernel events"), (correlation.Finding.Verdict, correlation.Finding.Reason));
        Assert.False(correlation.EvidenceComplete);
    }

    [Fact]
    public void A_delivered_server_error_is_agreed_on()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);
        var record = c.ClientRecord(1, 19, 6, RequestResult.HttpError);

        Assert.Equal(Verdict.Healthy, Assert.Single(Run(c, record with { Record = record.Record with { StatusCode = 500 } })).Finding.Verdict);
    }

    private static void Expect(Correlation correlation, Cause cause, BlindLayer blind)
    {
        Assert.Equal(Verdict.Discrepant, correlation.Finding.Verdict);
        Assert.Equal((cause, blind), (correlation.Finding.Cause, correlation.Finding.BlindLayer));
        Assert.NotNull(correlation.Finding.Reason);
    }
}
