using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.Conversation;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

public class MatchingTests
{
    [Fact]
    public void Both_records_and_both_sockets_of_a_request_become_one_correlation()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 8, 17), c.ServerRecord(1, 21, 2)));

        Assert.NotNull(correlation.ClientRecord);
        Assert.NotNull(correlation.ServerRecord);
        Assert.NotNull(correlation.ClientExchange);
        Assert.NotNull(correlation.ServerExchange);
        Assert.Equal(Verdict.Healthy, correlation.Finding.Verdict);
        Assert.Equal(6, correlation.KernelEventCount);
    }

    [Fact]
    public void A_cookie_finds_the_socket()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        Assert.Equal(MatchMethod.Cookie, MatchOf(c, c.ClientRecord(1, 8, 17), r => r with { SocketCookie = ClientCookie }).Method);
    }

    [Fact]
    public void A_cookie_of_another_socket_rules_the_connection_out()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        Assert.Equal(MatchMethod.None, MatchOf(c, c.ClientRecord(1, 8, 17), r => r with { SocketCookie = 77 }).Method);
    }

    [Fact]
    public void Byte_counts_choose_among_requests_at_the_same_time()
    {
        var c = new Conversation().Open(10, 9).Exchange(20)
            .ClientSends(25, 70).ServerReads(25.1, 70).ServerSends(25.2, 900).ClientReads(25.3, 900);

        var match = MatchOf(c, c.ServerRecord(1, 20, 6), r => r with { RequestBytes = 70, ResponseBytes = 900 });

        Assert.Equal((MatchMethod.TupleBytes, 1), (match.Method, match.Candidates));
    }

    [Fact]
    public void The_place_on_the_connection_chooses_among_requests_at_the_same_time()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(25);

        var correlation = Run(c, c.ClientRecord(1, 20, 9, ordinal: 2)).Single(x => x.ClientRecord is not null);

        Assert.Equal(MatchMethod.TupleOrder, correlation.Match.Method);
        Assert.Equal(2, correlation.ClientExchange!.Ordinal);
    }

    [Fact]
    public void Time_alone_suffices_where_one_request_fits()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(100).Exchange(200);

        var correlation = Run(c, c.ClientRecord(1, 99, 6)).Single(x => x.ClientRecord is not null);

        Assert.Equal(MatchMethod.TupleTime, correlation.Match.Method);
        Assert.Equal(2, correlation.ClientExchange!.Ordinal);
    }

    [Fact]
    public void Two_that_fit_equally_well_are_ambiguous_and_neither_is_taken()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(25);

        var correlations = Run(c, c.ClientRecord(1, 20, 9));

        var correlation = Assert.Single(correlations, x => x.ClientRecord is not null);
        Assert.Equal((MatchMethod.None, 2, 0), (correlation.Match.Method, correlation.Match.Candidates, correlation.Match.Confidence));
        Assert.Null(correlation.ClientExchange);
        Assert.Equal(Verdict.Inconclusive, correlation.Finding.Verdict);
        Assert.DoesNotContain(correlations, x => x.Finding.Cause == Cause.UnclaimedExchange);
    }

    [Fact]
    public void An_idle_connection_does_not_lend_its_old_requests_to_a_new_record()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(60_000);

        var correlation = Run(c, c.ClientRecord(2, 59_999, 6)).Single(x => x.ClientRecord is not null);

        Assert.Equal(2, correlation.ClientExchange!.Ordinal);
    }

    [Fact]
    public void A_record_without_endpoints_is_inconclusive_and_says_why()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);
        var record = c.ClientRecord(1, 19, 6);

        var correlation = Run(c, record with { Record = record.Record with { Local = null, Peer = null } }).Single(x => x.ClientRecord is not null);

        Assert.Equal(Verdict.Inconclusive, correlation.Finding.Verdict);
        Assert.Contains("local_endpoint", correlation.Finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_without_a_time_is_matched_where_one_request_fits()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);
        var record = c.ClientRecord(1, 19, 6);

        var correlation = Assert.Single(Run(c, new TimedRecord(record.Record with { StartUnixNs = null }, null)));

        Assert.Equal(MatchMethod.TupleTime, correlation.Match.Method);
    }

    [Fact]
    public void An_exchange_nobody_reported_is_a_discrepancy_only_where_others_of_its_connection_were_reported()
    {
        var reported = new Conversation().Open(10, 9).Exchange(20).Exchange(100);
        var silent = new Conversation(clientPort: 50000).Open(10, 9).Exchange(20);

        var correlations = Run(reported.Events.Concat(silent.Events), reported.ClientRecord(1, 19, 6));

        var unclaimed = Assert.Single(correlations, c => c.Finding.Cause == Cause.UnclaimedExchange);
        Assert.Equal("127.0.0.1:40000>127.0.0.1:8080@100", unclaimed.RequestId.Text);
    }

    [Fact]
    public void A_record_for_an_exchange_that_still_goes_on_waits_for_it()
    {
        // The application logs at once; the kernel sends again for seconds.
        var c = new Conversation { WithClient = false }.Open(10, 9).ClientSends(20, 100).ServerReads(21, 100)
            .ServerSends(22, 500, acked: false);
        for (var at = 500; at <= 4000; at += 500)
            c.ServerRetransmits(at, 0, 500);
        c.ServerIsAcked(4100);

        var correlation = Assert.Single(Run(c, c.ServerRecord(1, 21, 2)));

        Assert.Equal(8, correlation.ServerExchange!.Retransmits);
        Assert.Equal(4_079, correlation.DeliveredMs!.Value, 0.01);
    }

    private static Match MatchOf(Conversation c, TimedRecord record, Func<RequestRecord, RequestRecord> change) =>
        Run(c, record with { Record = change(record.Record) }).Single(x => x.ClientRecord is not null || x.ServerRecord is not null).Match;
}
