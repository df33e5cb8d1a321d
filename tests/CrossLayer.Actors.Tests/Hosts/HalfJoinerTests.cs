using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.Hosts.Halves;

namespace CrossLayer.Actors.Tests.Hosts;

public sealed class HalfJoinerTests
{
    private readonly HalfJoiner _joiner = new(new CorrelationSettings(), most: 10);

    [Theory, InlineData(0), InlineData(3_600_000), InlineData(-90_000)]
    public void Two_halves_make_one_request_of_four_views_however_far_their_clocks_are_apart(long aheadMs)
    {
        Assert.Null(_joiner.Add(Id(ClientHost), OfClient(200_000), 0));
        var joined = _joiner.Add(Id(ServerHost), OfServer(200_000 + aheadMs), 0)!;

        Assert.Equal([Id(ClientHost), Id(ServerHost)], joined.Halves);
        Assert.Equal(ServerHost, joined.Owner);
        var correlation = joined.Correlation!;
        Assert.True(correlation is { ClientRecord: not null, ServerRecord: not null, ClientExchange: not null, ServerExchange: not null });
        Assert.Equal(Verdict.Healthy, correlation.Finding.Verdict);
        // On the server's clock, what the client did before the server did it is before it.
        Assert.InRange(correlation.ClientExchange!.ConnectEndNs!.Value, correlation.ServerExchange!.ConnectEndNs!.Value - Ns(4), correlation.ServerExchange.ConnectEndNs.Value);
        Assert.True(correlation.ClientExchange.ResponseStartNs >= correlation.ServerExchange.RequestStartNs);
        Assert.Equal(0, _joiner.Waiting);
    }

    [Fact]
    public void The_server_s_half_may_come_first_and_either_may_come_twice()
    {
        Assert.Null(_joiner.Add(Id(ServerHost), OfServer(100), 0));
        Assert.Null(_joiner.Add(Id(ServerHost), OfServer(100), 0));
        Assert.NotNull(_joiner.Add(Id(ClientHost), OfClient(100), 0));
    }

    [Fact]
    public void Requests_of_one_connection_are_told_apart_by_their_bytes()
    {
        Assert.Null(_joiner.Add(Id(ClientHost, 1), OfClient(100), 0));
        Assert.Null(_joiner.Add(Id(ClientHost, 2), OfClient(200, start: 100, number: 2), 0));
        Assert.Equal([Id(ClientHost, 2), Id(ServerHost, 1)], _joiner.Add(Id(ServerHost, 1), OfServer(200, start: 100), 0)!.Halves);
    }

    [Fact]
    public void A_port_that_is_used_again_is_another_connection_where_the_clocks_are_known()
    {
        _joiner.Add(Id(ClientHost, 1), OfClient(100), 0);
        _joiner.Add(Id(ServerHost, 1), OfServer(100), 0);

        Assert.Null(_joiner.Add(Id(ClientHost, 2), OfClient(10_000, number: 2), 0));
        Assert.Null(_joiner.Add(Id(ServerHost, 2), OfServer(30_000, number: 2), 0));
        Assert.NotNull(_joiner.Add(Id(ClientHost, 3), OfClient(30_000, number: 3), 0));
    }

    [Fact]
    public void A_half_whose_other_host_saw_nothing_of_an_answered_request_is_inconclusive()
    {
        _joiner.Add(Id(ClientHost), OfClient(100), 0);

        var alone = Assert.Single(_joiner.Conclude(Id(ClientHost), PeerView.Nothing, null, null));

        Assert.Equal(Verdict.Inconclusive, alone.Correlation!.Finding.Verdict);
        Assert.Contains("addresses are translated", alone.Correlation.Finding.Reason, StringComparison.Ordinal);
        Assert.Equal(ServerHost, alone.Owner);
    }

    [Fact]
    public void A_connect_that_the_server_s_host_saw_nothing_of_vanished_on_the_way()
    {
        _joiner.Add(Id(ClientHost), OfClient(100, result: RequestResult.Timeout, but: exchange => exchange with
        {
            Request = default,
            Response = default,
            ConnectStartNs = Ns(100),
            ConnectEndNs = Ns(2100),
            ConnectError = 110,
            SynRetransmits = 2,
            AckedNs = null,
            RequestStartNs = null,
            RequestEndNs = null,
            ResponseStartNs = null,
            ResponseEndNs = null,
        }), 0);

        var alone = Assert.Single(_joiner.Conclude(Id(ClientHost), PeerView.Nothing, null, null)).Correlation!;

        Assert.Equal(Cause.ConnectBlackhole, alone.Finding.Cause);
        Assert.Equal(TroublePlace.Path, alone.Place);
    }

    [Fact]
    public void A_half_whose_other_host_is_cut_off_is_inconclusive_and_says_why()
    {
        _joiner.Add(Id(ServerHost), OfServer(100, but: exchange => exchange with { UnackedBytes = 500, AckedNs = null, Retransmits = 3 }), 0);

        var alone = Assert.Single(_joiner.Conclude(Id(ServerHost), PeerView.CutOff, "kernel events were lost in the request's time", null)).Correlation!;

        Assert.Equal(Verdict.Inconclusive, alone.Finding.Verdict);
        Assert.Contains("10.0.0.1:40000", alone.Finding.Reason, StringComparison.Ordinal);
        Assert.Contains("were lost", alone.Finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_half_is_kept_while_the_other_host_is_busy_with_it()
    {
        _joiner.Add(Id(ClientHost), OfClient(100), 0);

        Assert.Empty(_joiner.Conclude(Id(ClientHost), PeerView.Busy, null, null));
        Assert.NotNull(_joiner.Add(Id(ServerHost), OfServer(100), 0));
    }

    [Fact]
    public void What_one_end_has_in_two_pieces_is_one_request_where_the_other_end_reports_it_as_one()
    {
        var wait = TimeSpan.FromSeconds(2);
        _joiner.Add(Id(ServerHost, 1), OfServer(100, but: exchange => exchange with { Request = new(0, 40), Response = new(0, 25) }).WithoutRecord(), 0);
        _joiner.Add(Id(ServerHost, 2), OfServer(101, number: 2, but: exchange => exchange with { Request = new(40, 100), Response = new(25, 500), Ordinal = 2 }).WithoutRecord(), 0);
        Assert.Null(_joiner.Add(Id(ClientHost), OfClient(100), 0));
        Assert.Empty(_joiner.TakeDue(1000, wait));

        Assert.Equal(3, _joiner.TakeDue(2000, wait).Count);
        var joined = Assert.Single(_joiner.Conclude(Id(ServerHost, 1), PeerView.Nothing, null, null));

        Assert.Equal(new(0, 500), joined.Correlation!.ServerExchange!.Response);
        Assert.Equal(3, joined.Halves.Count);
        Assert.Equal(0, _joiner.Waiting);
    }

    [Fact]
    public void Beyond_the_most_that_may_wait_the_oldest_are_asked_for_at_once()
    {
        for (var i = 0; i < 12; i++)
            _joiner.Add(Id(ClientHost, i), OfClient(100 * i, start: 100 * i, number: i), i);

        Assert.Equal([0L, 1L], _joiner.TakeDue(12, TimeSpan.FromSeconds(2)).Select(half => half.Id.Number));
    }

    [Fact]
    public void A_gap_in_either_kernel_s_evidence_makes_the_request_inconclusive()
    {
        var client = OfClient(100, but: exchange => exchange with { Complete = false });
        client = client with { Closing = client.Closing with { Coverage = client.Closing.Coverage.With(new LossInterval(Ns(99), Ns(101), 7)) } };
        _joiner.Add(Id(ClientHost), client, 0);

        var joined = _joiner.Add(Id(ServerHost), OfServer(5_000_100), 0)!.Correlation!;

        Assert.Equal(Verdict.Inconclusive, joined.Finding.Verdict);
        Assert.Contains("lost", joined.Finding.Reason, StringComparison.Ordinal);
    }

    private static HalfId Id(string host, long number = 1) => new(host, number);
}
