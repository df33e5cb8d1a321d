using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.Conversation;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

/// <summary>Records whose application told no time: neither their names nor the order in which they came put them in order.</summary>
public class UntimedRecordTests
{
    [Fact]
    public void Several_of_one_connection_have_no_order()
    {
        var c = Three();

        var correlations = Run(c, Untimed(c, 7), Untimed(c, 3), Untimed(c, 5));

        Assert.Equal(3, correlations.Count);
        Assert.All(correlations, x => Assert.Equal((new Match(MatchMethod.None, 3, 0), Verdict.Inconclusive), (x.Match, x.Finding.Verdict)));
    }

    [Fact]
    public void Their_places_tell_them_apart()
    {
        var c = Three();

        Assert.Equal([("3", 3, MatchMethod.TupleOrder), ("5", 1, MatchMethod.TupleOrder), ("7", 2, MatchMethod.TupleOrder)],
            Matched(Run(c, Untimed(c, 7, place: 2), Untimed(c, 3, place: 3), Untimed(c, 5, place: 1))));
    }

    [Fact]
    public void Bytes_that_one_request_has_tell_them_apart()
    {
        var c = new Conversation().Open(10, 9).Exchange(20, 100, 500).Exchange(30, 100, 600).Exchange(40, 100, 700);

        Assert.Equal([("3", 3, MatchMethod.TupleBytes), ("5", 1, MatchMethod.TupleBytes), ("7", 2, MatchMethod.TupleBytes)],
            Matched(Run(c, Untimed(c, 7, bytes: 600), Untimed(c, 3, bytes: 700), Untimed(c, 5, bytes: 500))));
    }

    [Fact]
    public void Bytes_that_two_requests_have_are_ambiguous_though_one_record_alone_counts_them()
    {
        var c = Three();

        var correlation = Assert.Single(Run(c, Untimed(c, 1, bytes: 500)));

        Assert.Equal(new Match(MatchMethod.None, 3, 0), correlation.Match);
    }

    [Fact]
    public void Two_that_only_one_request_fits_are_both_left_without()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        Assert.All(Run(c, Untimed(c, 1), Untimed(c, 2)), x => Assert.Equal((MatchMethod.None, Verdict.Inconclusive), (x.Match.Method, x.Finding.Verdict)));
    }

    [Fact]
    public void A_cookie_a_place_and_bytes_find_the_request_when_it_is_due()
    {
        var c = Long();

        var correlations = Run(c, Untimed(c, 2, place: 1, cookie: ServerCookie, bytes: 500),
            Untimed(c, 1, place: 2, cookie: ServerCookie, bytes: 500), Untimed(c, 3, place: 3, cookie: ServerCookie, bytes: 500));

        Assert.Equal([("1", 2, MatchMethod.Cookie), ("2", 1, MatchMethod.Cookie), ("3", 3, MatchMethod.Cookie)], Matched(correlations));
        Assert.All(correlations.Take(2), x => Assert.InRange(x.ClosedAtNs, 0, 5_000_000_000));
    }

    [Fact]
    public void A_request_that_one_of_them_may_report_is_not_unclaimed_though_patience_is_over()
    {
        var c = Long();

        var correlations = Run(c, Untimed(c, 1), Untimed(c, 2), Untimed(c, 3));

        Assert.Equal(3, correlations.Count);
        Assert.All(correlations, x => Assert.Equal((new Match(MatchMethod.None, 3, 0), Verdict.Inconclusive), (x.Match, x.Finding.Verdict)));
    }

    [Fact]
    public void The_last_request_is_not_its_own_because_the_others_that_it_fits_were_let_go()
    {
        var c = Long();

        var correlation = Assert.Single(Run(c, Untimed(c, 1)));

        Assert.Equal((new Match(MatchMethod.None, 3, 0), Verdict.Inconclusive), (correlation.Match, correlation.Finding.Verdict));
    }

    [Fact]
    public void A_record_whose_request_was_let_go_is_not_unbacked()
    {
        var c = new Conversation().Open(10, 9).Exchange(20, 100, 700).Exchange(100_000, 100, 500).Close(100_010);

        var correlation = Assert.Single(Run(c, Untimed(c, 1, bytes: 700)));

        Assert.Equal((MatchMethod.None, Verdict.Inconclusive), (correlation.Match.Method, correlation.Finding.Verdict));
        Assert.Contains("start_unix_ns", correlation.Finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_connection_older_than_the_probe_there_may_have_been_others()
    {
        var c = new Conversation().Exchange(20);

        Assert.Equal(MatchMethod.None, Assert.Single(Run(c, Untimed(c, 1))).Match.Method);
    }

    [Fact]
    public void A_place_alone_does_not_tell_which_connection_of_a_port_used_again()
    {
        var first = new Conversation().Open(10, 9).Exchange(20).Close(30);
        var again = first.Events.ConvertAll(e => e with { SocketCookie = e.SocketCookie + 1000, TimestampNs = e.TimestampNs + Ns(100) });
        var events = first.Events.Concat(again).ToList();

        Assert.Equal(new Match(MatchMethod.None, 2, 0), Assert.Single(Run(events, Untimed(first, 1, place: 1))).Match);
        Assert.Equal([("1", 1, MatchMethod.Cookie)], Matched(Run(events, Untimed(first, 1, place: 1, cookie: ServerCookie + 1000)).FindAll(x => x.ServerRecord is not null)));
    }

    [Fact]
    public void A_turn_that_may_be_an_interim_response_leaves_the_places_after_it_in_doubt()
    {
        var c = new Conversation().Open(10, 9).Exchange(20, 200, 25).Exchange(21, 1000, 500).Exchange(30, 100, 500);

        Assert.All(Run(c, Untimed(c, 1, place: 1, cookie: ServerCookie), Untimed(c, 2, place: 2, cookie: ServerCookie)),
            x => Assert.Equal((MatchMethod.None, Verdict.Inconclusive), (x.Match.Method, x.Finding.Verdict)));
    }

    [Fact]
    public void Inside_TLS_the_handshake_is_not_unclaimed_where_its_bytes_find_the_request()
    {
        var c = new Conversation().Open(10, 9).Exchange(20, 517, 900).Exchange(30, 200, 9000).Close(40);
        var record = Untimed(c, 1, bytes: 5000);

        Assert.Equal([("1", 2, MatchMethod.TupleTime)], Matched(Run(c, record with { Record = record.Record with { Tls = true } })));
    }

    [Fact]
    public void More_places_than_turns_say_that_a_turn_was_several_requests()
    {
        var c = Three();

        var correlations = Run(c, Untimed(c, 1, place: 1, cookie: ServerCookie), Untimed(c, 2, place: 2, cookie: ServerCookie), Untimed(c, 4, place: 4, cookie: ServerCookie));

        Assert.All(correlations, x => Assert.Equal((MatchMethod.None, Verdict.Inconclusive), (x.Match.Method, x.Finding.Verdict)));
    }

    [Fact]
    public void After_a_loss_places_and_numbers_prove_nothing()
    {
        var c = new Conversation().Open(10, 9).Loses(12, 14, 5).Exchange(20);

        Assert.All([Untimed(c, 1), Untimed(c, 1, place: 1), Untimed(c, 1, place: 1, cookie: ServerCookie)],
            record => Assert.Equal(MatchMethod.None, Assert.Single(Run(c, record)).Match.Method));
    }

    [Fact]
    public void It_joins_the_other_ends_record_that_has_a_time()
    {
        var c = new Conversation().Open(10, 9).Exchange(20);

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 8, 17), Untimed(c, 2)));

        Assert.NotNull(correlation.ClientRecord);
        Assert.NotNull(correlation.ServerRecord);
        Assert.Equal(Verdict.Healthy, correlation.Finding.Verdict);
    }

    private static Conversation Three() => new Conversation().Open(10, 9).Exchange(20).Exchange(30).Exchange(40);

    /// <summary>Longer than patience lasts between the second request and the third.</summary>
    private static Conversation Long() => new Conversation().Open(10, 9).Exchange(20).Exchange(30).Exchange(100_000).Close(100_010);

    private static IEnumerable<(string, int, MatchMethod)> Matched(IEnumerable<Correlation> correlations) =>
        correlations.OrderBy(x => x.RequestId).Select(x => (x.RequestId.Text, x.ServerExchange?.Ordinal ?? 0, x.Match.Method));

    private static TimedRecord Untimed(Conversation c, int id, int place = 0, ulong cookie = 0, long bytes = 0)
    {
        var record = c.ServerRecord(id, 0, 2, ordinal: place).Record;
        return new TimedRecord(record with
        {
            StartUnixNs = null,
            SocketCookie = cookie > 0 ? cookie : null,
            RequestBytes = bytes > 0 ? 100 : null,
            ResponseBytes = bytes > 0 ? bytes : null,
        }, null);
    }
}
