using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class LatencyRulesTests
{
    [Fact]
    public void A_response_that_its_own_host_dropped_at_first_is_late_without_a_loss_on_the_way()
    {
        var c = Read().ServerSends(22, 500, acked: false).ServerHostDropsItsOwn(22.1).ServerHostDropsItsOwn(222.1).ServerIsAcked(722).ClientReads(723, 500);

        var finding = FindingOf(c, c.ClientRecord(1, 19, 705)).Says(Cause.LocalEgressDrop);

        Assert.Contains("2 packets of the connection never left the server's host", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dropped_packet_does_not_excuse_a_slow_handler()
    {
        var c = Read().ServerSends(821, 500, acked: false).ServerHostDropsItsOwn(821.1).ServerIsAcked(830).ClientReads(831, 500);

        FindingOf(c, c.ClientRecord(1, 19, 813)).Says(Cause.SlowHandler);
    }

    [Fact]
    public void A_dropped_packet_that_cost_nothing_is_no_fault()
    {
        var c = Read().ServerSends(22, 500, acked: false).ServerHostDropsItsOwn(22.1).ServerIsAcked(232).ClientReads(233, 500);

        Assert.Equal(Verdict.Healthy, FindingOf(c, c.ClientRecord(1, 19, 215)).Verdict);
    }

    [Theory]
    [InlineData(5020, 3, Cause.IdleConnectionDrop)]
    [InlineData(120, 3, Cause.PathLoss)]
    [InlineData(5020, 1, Cause.PathLoss)]
    public void Nothing_came_through_again_and_again_after_a_long_silence_a_connection_was_forgotten(double atMs, int times, Cause expected)
    {
        var c = new Conversation().Open(10, 9).Exchange(20).ClientSends(atMs, 100, acked: false);
        for (var i = 0; i < times; i++)
            c.ClientRetransmits(atMs + 200 + (400 * i), 100, 100);
        c.ClientIsAcked(atMs + 2000).ServerReads(atMs + 2001, 100).ServerSends(atMs + 2002, 500).ClientReads(atMs + 2003, 500);

        Run(c, c.ClientRecord(1, 19, 6), c.ClientRecord(2, atMs - 1, 2005)).Single(x => x.RequestId.Text == "2").Finding.Says(expected);
    }

    [Fact]
    public void One_segment_of_a_response_that_did_not_come_through_again_and_again_was_held_up_on_purpose()
    {
        var c = Read().ServerSends(22, 500, acked: false).ServerRetransmits(222, 0, 500).ServerRetransmits(622, 0, 500)
            .ServerRetransmits(1422, 0, 500).ServerIsAcked(3022).ClientReads(3023, 500);

        FindingOf(c, c.ClientRecord(1, 19, 3005)).Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void As_many_segments_that_were_each_sent_again_once_are_ordinary_loss()
    {
        var c = Read().ServerSends(22, 3000, acked: false).ServerRetransmits(222, 0, 1000).ServerRetransmits(622, 1000, 1000)
            .ServerRetransmits(1422, 2000, 1000).ServerIsAcked(3022).ClientReads(3023, 3000);

        FindingOf(c, c.ClientRecord(1, 19, 3005)).Says(Cause.PathLoss);
    }

    [Theory]
    [InlineData(2, 80, Cause.Congestion)]
    [InlineData(60, 80, Cause.PathLoss)]
    [InlineData(0.1, 3, Cause.PathLoss)]
    public void Loss_with_round_trips_that_have_grown_far_is_a_queue_that_ran_over(double leastMs, double mostMs, Cause expected)
    {
        var c = new Conversation().RoundTripTakes(leastMs).Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).RoundTripTakes(mostMs)
            .ServerSends(22, 500, acked: false).ServerRetransmits(230, 0, 500).ServerRetransmits(640, 0, 500).ServerIsAcked(741).ClientReads(742, 500);

        FindingOf(c, c.ClientRecord(1, 19, 724)).Says(expected);
    }

    [Fact]
    public void Round_trips_that_grow_without_a_loss_are_a_queue_on_the_way()
    {
        var finding = Delayed(leastMs: 2, mostMs: 80).Says(Cause.Congestion);

        Assert.Contains("80 ms, where the connection's shortest took 2 ms", finding.Reason, StringComparison.Ordinal);
        Assert.True(finding.Confidence > Delayed(leastMs: 2, mostMs: 2).Confidence);
    }

    [Fact]
    public void A_slow_path_without_a_queue_in_sight_is_a_guess()
    {
        var finding = Delayed(leastMs: 2, mostMs: 2).Says(Cause.Congestion);

        Assert.Contains("under way for 878 ms", finding.Reason, StringComparison.Ordinal);
        Assert.InRange(finding.Confidence, 0.3, 0.6);
    }

    [Fact]
    public void A_queue_on_the_way_does_not_excuse_a_slow_handler()
    {
        var c = new Conversation().RoundTripTakes(2).Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).RoundTripTakes(80).ServerSends(821, 500)
            .ClientReads(822, 500);

        FindingOf(c, c.ClientRecord(1, 19, 804)).Says(Cause.SlowHandler);
    }

    [Fact]
    public void A_response_that_the_clients_host_had_and_its_application_did_not_read_is_the_clients_own_time()
    {
        var c = Read().ServerSends(22, 500).ClientReads(900, 500);

        Assert.Equal(Verdict.Healthy, FindingOf(c, c.ClientRecord(1, 19, 882)).Verdict);
    }

    [Theory]
    [InlineData(1700, false)]
    [InlineData(1021, true)]
    public void A_request_that_was_long_on_its_way_did_not_lie_unread(double arrivesMs, bool stalled)
    {
        var c = new Conversation().Open(10, 9).Exchange(20).ClientSends(1020, 100, acked: false).ClientIsAcked(arrivesMs)
            .ServerReads(1701, 100).ServerSends(1702, 500).ClientReads(1703, 500);

        var finding = Run(c, c.ClientRecord(1, 19, 6), c.ClientRecord(2, 1019, 685)).Single(x => x.RequestId.Text == "2").Finding;

        Assert.True(finding.Cause == Cause.ProcessStall == stalled, finding.Reason);
    }

    private static Finding Delayed(double leastMs, double mostMs)
    {
        var c = new Conversation().RoundTripTakes(leastMs).Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).RoundTripTakes(mostMs)
            .ServerSends(22, 50_000, acked: false).ServerIsAcked(900).ClientReads(901, 50_000);
        return FindingOf(c, c.ClientRecord(1, 19, 883));
    }

    private static Conversation Read() => new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100);

    private static Finding FindingOf(Conversation c, TimedRecord record) => Assert.Single(Run(c, record)).Finding;
}
