using System.Globalization;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Actors.Tests.Histories;
using CrossLayer.Probe;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

public class ConnectionCorrelatorTests
{
    private const int MostHeld = 64;

    [Fact]
    public void The_server_may_be_seen_first_and_it_is_one_connection_all_the_same()
    {
        var c = new Conversation().Open(10, 9).ClientSends(20.2, 100).ServerReads(20, 100).ServerSends(23, 500).ClientReads(24, 500);

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 19, 6), c.ServerRecord(1, 20, 3)));

        Assert.Equal((Conversation.ClientCookie, Conversation.ServerCookie),
            (correlation.ClientExchange!.SocketCookie, correlation.ServerExchange!.SocketCookie));
        Assert.Equal(Verdict.Healthy, correlation.Finding.Verdict);
    }

    [Fact]
    public void A_port_used_again_joins_the_ends_of_each_connection()
    {
        var (first, second) = PortUsedTwice();

        var correlations = Run(first.Events().Concat(second.Events()), Record(first, Reporting.None), Record(second, Reporting.None));

        Assert.Equal([(1000ul, 1001ul), (2000ul, 2001ul)], correlations.Select(x => (x.ClientExchange!.SocketCookie, x.ServerExchange!.SocketCookie)));
        Assert.All(correlations, x => Assert.NotNull(x.ClientRecord));
    }

    [Fact]
    public void A_record_with_another_connections_cookie_is_not_matched()
    {
        var (first, second) = PortUsedTwice();
        var record = Record(first, Reporting.None);

        var orphan = Run(first.Events().Concat(second.Events()), record with { Record = record.Record with { SocketCookie = 2000 } })
            .Single(x => x.ClientRecord is not null);

        Assert.Equal(MatchMethod.None, orphan.Match.Method);
        Assert.Null(orphan.ClientExchange);
    }

    /// <summary>As after a restart under traffic: what the application had not got rid of comes late, in two batches.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Records_that_come_late_but_before_their_requests_are_decided_find_them(int ordinals)
    {
        const int first = 80, last = 250;
        var c = new Conversation { WithServer = false }.Open(10, 9);
        for (var i = 1; i <= last; i++)
            c.Exchange(20 * i, 59, 140);
        var attachedMs = (20 * first) - 5;
        var run = new CorrelatorRun { Coverage = new Coverage((long)Conversation.Ns(attachedMs), long.MaxValue, []) };
        var events = new Queue<KernelEvent>(c.Events.Where(e => e.TimestampNs >= Conversation.Ns(attachedMs)).OrderBy(e => e.TimestampNs));
        var records = new Queue<TimedRecord>(Enumerable.Range(first - 5, last - first + 6).Select(i => c.ClientRecord(i, (20 * i) - 1, 6, ordinal: ordinals * i)));
        var firstLateMs = (20 * first) + 1746;
        var secondLateMs = firstLateMs + 630;
        for (var atMs = attachedMs; atMs < 20 * last; atMs += 5)
        {
            var now = new List<KernelEvent>();
            while (events.TryPeek(out var e) && e.TimestampNs <= Conversation.Ns(atMs))
                now.Add(events.Dequeue());
            var come = new List<TimedRecord>();
            var until = atMs < firstLateMs ? 0 : atMs < secondLateMs ? (20 * first) + 880 : atMs - 200;
            while (records.TryPeek(out var record) && record.EndNs <= (long)Conversation.Ns(until))
                come.Add(records.Dequeue());
            run.Process(now, atMs, [.. come]);
        }

        run.Process([], 20 * last + 90_000, [.. records]);

        Assert.Equal([], run.Correlations.Where(x => x.Finding.Verdict == Verdict.Discrepant).Select(x => $"{x.RequestId.Text} {x.ClientExchange?.Ordinal} {x.Finding.Cause}"));
    }

    [Fact]
    public void A_request_that_nobody_reports_is_held_until_a_later_one_is_reported()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(1000);
        var reported = new CorrelatorRun().Process(c.Events, 10_000, c.ClientRecord(1, 19, 6));
        Assert.Single(reported.Closed);

        c.Events.Clear();
        c.Exchange(9000);
        reported.Process(c.Events, 20_000, c.ClientRecord(3, 8999, 6));

        Assert.Equal(3, reported.Closed.Count);
        var unclaimed = Assert.Single(reported.Correlations, x => x.ClientRecord is null);
        Assert.Equal((2, Cause.UnclaimedExchange), (unclaimed.ClientExchange!.Ordinal, unclaimed.Finding.Cause));
        Assert.InRange(unclaimed.ClosedAtNs, 9_000_000_000, 12_000_000_000);
    }

    [Fact]
    public void A_request_that_nobody_reports_is_held_no_longer_than_patience_lasts()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(1000);
        var run = new CorrelatorRun().Process(c.Events, 61_000, c.ClientRecord(1, 19, 6));
        Assert.Single(run.Closed);

        run.Process([], 63_000);

        Assert.Equal(Cause.UnclaimedExchange, run.Correlations.Last().Finding.Cause);
    }

    [Fact]
    public void More_than_can_be_held_are_let_go_where_nobody_reports()
    {
        var run = new CorrelatorRun().Process(Many(100).Events, 10_000);

        Assert.Equal(100 - MostHeld, run.Closed.Count);
        Assert.Empty(run.Correlations);
    }

    [Fact]
    public void More_than_can_be_held_are_counted_together_where_they_are_to_be_reported()
    {
        var c = Many(100);
        var run = new CorrelatorRun().Process(c.Events, 10_000, c.ClientRecord(1, 99, 6));
        Assert.Single(run.Closed);

        run.Process([], 100_000);

        Assert.Equal(1 + MostHeld, run.Closed.Count);
        Assert.Equal(99 * 100, run.Correlations.Where(x => x.ClientRecord is null).Sum(x => x.ServerExchange!.Request.Length));
        Assert.True(run.Correlator.IsIdle);
    }

    [Fact]
    public void A_record_whose_clock_is_far_off_is_found_by_its_place_and_its_bytes()
    {
        var c = new Conversation().Open(10, 9).Exchange(100).Exchange(200).Exchange(300);

        var correlations = Run(c, WithBytes(c.ClientRecord(1, 99, 6, ordinal: 1)), WithBytes(c.ClientRecord(2, 249, 6, ordinal: 2)),
            WithBytes(c.ClientRecord(3, 299, 6, ordinal: 3)));

        Assert.Equal([1, 2, 3], correlations.OrderBy(x => x.RequestId).Select(x => x.ClientExchange?.Ordinal));
        Assert.All(correlations, x => Assert.Equal(Verdict.Healthy, x.Finding.Verdict));
    }

    [Theory]
    [InlineData(150, 200)]
    [InlineData(200, 150)]
    [InlineData(150, 249)]
    public void An_end_whose_clock_is_far_off_finds_the_request_though_the_other_end_has_it(double clientMs, double serverMs)
    {
        var c = new Conversation().Open(10, 9).Exchange(100).Exchange(200).Exchange(300);

        var correlations = Run(c,
            WithBytes(c.ClientRecord(1, 99, 6, ordinal: 1)), WithBytes(c.ServerRecord(1, 101, 2, ordinal: 1)),
            WithBytes(c.ClientRecord(2, clientMs, 6, ordinal: 2)), WithBytes(c.ServerRecord(2, serverMs, 2, ordinal: 2)),
            WithBytes(c.ClientRecord(3, 299, 6, ordinal: 3)), WithBytes(c.ServerRecord(3, 301, 2, ordinal: 3)));

        Assert.Equal([1, 2, 3], correlations.OrderBy(x => x.RequestId).Select(x => x.ServerExchange?.Ordinal));
        Assert.All(correlations, x => Assert.True(x is { ClientRecord: not null, ServerRecord: not null }));
    }

    [Fact]
    public void A_request_that_one_end_reported_waits_for_the_other_where_that_reports_and_no_longer_than_its_clock_may_be_off()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(1000);

        var run = new CorrelatorRun().Process(c.Events, 2_600, c.ClientRecord(1, 19, 6), c.ServerRecord(1, 21, 2), c.ClientRecord(2, 999, 6));
        Assert.Single(run.Closed);
        run.Process([], 3_600);

        var second = run.Correlations.Last();
        Assert.Equal(("2", Cause.UnclaimedExchange), (second.RequestId.Text, second.Finding.Cause));
        Assert.InRange(second.ClosedAtNs, 3_500_000_000, 3_510_000_000);
    }

    [Fact]
    public void A_request_does_not_wait_for_an_end_that_never_reports()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        var run = new CorrelatorRun().Process(c.Events, 1_600, c.ClientRecord(1, 19, 6));

        Assert.Single(run.Closed);
    }

    [Fact]
    public void No_more_requests_than_can_be_held_wait_for_their_other_end()
    {
        var c = new Conversation().Open(10, 9);
        for (var i = 1; i <= 100; i++)
            c.Exchange(50 + (i * 6));

        var run = new CorrelatorRun().Process(c.Events, 2_200,
            [c.ServerRecord(1, 57, 2, ordinal: 1), .. Enumerable.Range(1, 100).Select(i => c.ClientRecord(i, 50 + (i * 6), 4, ordinal: i))]);

        Assert.Equal(100 - MostHeld, run.Closed.Count);
        run.Process([], 100_000);

        Assert.Equal(100, run.Closed.Count);
        Assert.All(run.Correlations, x => Assert.NotNull(x.ClientRecord));
        Assert.True(run.Correlator.IsIdle);
    }

    [Fact]
    public void A_record_that_comes_too_late_is_counted_and_inconclusive()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);
        var run = new CorrelatorRun().Process(c.Events, 100_000);
        Assert.Equal(0, run.Correlator.Late);

        run.Process([], 100_001, c.ClientRecord(1, 19, 6));

        Assert.Equal(1, run.Correlator.Late);
        var late = Assert.Single(run.Correlations);
        Assert.Equal(Verdict.Inconclusive, late.Finding.Verdict);
        Assert.Contains("too late", late.Finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_beyond_the_limit_of_a_connection_are_counted()
    {
        var c = new Conversation();
        var run = new CorrelatorRun();

        run.Process([], 0, [.. Enumerable.Range(0, Settings.MaxWindowsPerConnection + 3).Select(i => c.ClientRecord(i, 20 + i, 6))]);

        Assert.Equal(3, run.Correlator.Rejected);
    }

    [Fact]
    public void Requests_that_share_a_connection_share_its_evidence()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(30);

        var correlations = Run(c, Shared(c.ClientRecord(1, 19, 16)), Shared(c.ServerRecord(1, 21, 13)), Shared(c.ClientRecord(2, 20, 15)));

        Assert.Equal(2, correlations.Count);
        Assert.All(correlations, x => Assert.True(x.ClientExchange!.Shared && x.ServerExchange!.Shared));
        Assert.All(correlations, x => Assert.Equal((MatchMethod.TupleTime, 0.5), (x.Match.Method, x.Match.Confidence)));
        Assert.NotNull(correlations.Single(x => x.RequestId == RequestId.From(1)).ServerRecord);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void A_server_that_reports_a_shared_request_between_reading_and_writing_shares_what_it_read_and_wrote(double laterMs)
    {
        // Settings are exchanged before and after: what is written is no answer to what was read.
        var c = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(20.5, 100).ServerSends(21, 30).ClientReads(21.5, 30);
        var record = c.ServerRecord(1, 21.5 + laterMs, 1);
        c.ClientSends(23 + (2 * laterMs), 9).ServerReads(23.5 + (2 * laterMs), 9).ServerSends(24 + (2 * laterMs), 500).ClientReads(25 + (2 * laterMs), 500);

        var correlation = Assert.Single(Run(c, Shared(record)));

        Assert.Equal(Verdict.Healthy, correlation.Finding.Verdict);
        Assert.Equal((0, 109, 0, 530), (correlation.ServerExchange!.Request.Start, correlation.ServerExchange.Request.End,
            correlation.ServerExchange.Response.Start, correlation.ServerExchange.Response.End));
    }

    [Fact]
    public void The_handshake_of_an_encrypted_connection_is_no_unclaimed_request()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(200);
        var record = c.ClientRecord(1, 199, 6);

        var correlation = Assert.Single(Run(c, record with { Record = record.Record with { Tls = true } }));

        Assert.Equal((2, Verdict.Healthy), (correlation.ClientExchange!.Ordinal, correlation.Finding.Verdict));
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 1, false)]
    [InlineData(1, 3, true)]
    [InlineData(1, 3, false)]
    [InlineData(2, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(2, 3, true)]
    [InlineData(2, 3, false)]
    public void Inside_TLS_a_record_that_names_its_place_gets_that_after_the_handshake(int handshake, int requests, bool isClosed)
    {
        // All within a tick of the log's clock.
        var c = new Conversation().Open(10.05, 10).Exchange(10.1, 517, 900);
        if (handshake == 2)
            c.Exchange(10.2, 93, 51);
        int[] answers = [200, 100_400, 200];
        var records = new List<TimedRecord>();
        for (var i = 0; i < requests; i++)
        {
            c.Exchange(10.3 + (0.1 * i), 130, answers[i] + 500);
            records.Add(Logged(c.ServerRecord(i + 1, 10, 0, ordinal: i + 1), 100, answers[i]));
        }

        // The client's close_notify.
        c.Exchange(10.9, 24, 0);
        var correlations = Run(isClosed ? c.Close(11) : c, [.. records]);

        Assert.Equal(Enumerable.Range(1, requests).Select(i => (i.ToString(CultureInfo.InvariantCulture), (int?)(i + handshake), MatchMethod.TupleOrder, Verdict.Healthy)),
            correlations.OrderBy(x => x.RequestId).Select(x => (x.RequestId.Text, x.ServerExchange?.Ordinal, x.Match.Method, x.Finding.Verdict)));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public void Inside_TLS_a_server_that_reads_its_clock_once_for_the_handshake_and_the_request_gets_the_turn_after_the_handshake(int requests, bool isClosed)
    {
        // The clock was read at 34, when the end of the handshake came; the request was read 17 ms later without another look.
        var c = new Conversation().Open(10, 9).Exchange(20, 517, 543).Exchange(34, 93, 51);
        int[] answers = [200, 100_400, 200];
        var records = new List<TimedRecord>();
        for (var i = 0; i < requests; i++)
        {
            c.Exchange(50 + i, 113, answers[i] + 30);
            records.Add(Logged(c.ServerRecord(i + 1, i == 0 ? 34 : 50 + i, 0, ordinal: i + 1), 84, answers[i]));
        }

        c.Exchange(70, 24, 0);
        var correlations = Run(isClosed ? c.Close(80) : c, [.. records]);

        Assert.Equal(Enumerable.Range(1, requests).Select(i => (i.ToString(CultureInfo.InvariantCulture), (int?)(i + 2), MatchMethod.TupleOrder, Verdict.Healthy)),
            correlations.OrderBy(x => x.RequestId).Select(x => (x.RequestId.Text, x.ServerExchange?.Ordinal, x.Match.Method, x.Finding.Verdict)));
    }

    private static TimedRecord Logged(TimedRecord record, long requestBytes, long responseBytes) => record with
    {
        Record = record.Record with { Tls = true, ResolutionMs = 1, RequestBytes = requestBytes, ResponseBytes = responseBytes },
    };

    private static TimedRecord Shared(TimedRecord record) => record with { Record = record.Record with { Protocol = "HTTP/2" } };

    private static TimedRecord WithBytes(TimedRecord record) =>
        record with { Record = record.Record with { RequestBytes = 100, ResponseBytes = 500 } };

    private static Conversation Many(int count)
    {
        var c = new Conversation().Open(10, 9);
        for (var i = 1; i <= count; i++)
            c.Exchange(50 + (i * 50));
        return c;
    }

    private static (History First, History Second) PortUsedTwice()
    {
        var first = new History(new Random(1), 40000, 1000, firstId: 1, openNs: 1_000_000);
        first.Ask(100, 500);
        first.Close();
        var second = new History(new Random(2), 40000, 2000, firstId: 2, openNs: first.NowNs + 1_000_000_000);
        second.Ask(100, 500);
        second.Close();
        return (first, second);
    }

    private static TimedRecord Record(History history, Reporting reporting) =>
        history.Requests[0].Record(RequestRole.Client, reporting, clockNs: 1000);
}
