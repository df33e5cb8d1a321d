using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class NeighbourRulesTests
{
    [Fact]
    public void A_connection_that_is_not_accepted_while_others_are_served_lies_in_the_accept_queue()
    {
        var (connection, served) = (NotAccepted(), new Conversation(clientPort: 40001).Open(100, 99).Exchange(120).Exchange(1000));

        var finding = FindingOf(connection, GivenUp(connection), served, served.ClientRecord(11, 119, 6), served.ClientRecord(12, 999, 6))
            .Says(Cause.AcceptQueueOverflow);

        Assert.Contains("read 1 request of other connections", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_reads_nothing_of_anybody_stands_still()
    {
        var (connection, before) = (NotAccepted(), new Conversation(clientPort: 40001).Open(4, 3).Exchange(5).Exchange(10));

        FindingOf(connection, GivenUp(connection), before, before.ClientRecord(11, 4.5, 6), before.ClientRecord(12, 9.5, 6)).Says(Cause.ProcessStall);
    }

    [Fact]
    public void A_server_at_another_port_says_nothing_of_this_one()
    {
        var (connection, other) = (NotAccepted(), new Conversation(clientPort: 40001, serverPort: 9090).Open(100, 99).Exchange(120).Exchange(1000));

        FindingOf(connection, GivenUp(connection), other, other.ClientRecord(11, 119, 6), other.ClientRecord(12, 999, 6)).Says(Cause.ProcessStall);
    }

    [Fact]
    public void An_attempt_without_an_answer_beside_connections_that_nobody_accepts_met_a_full_queue()
    {
        var waiting = NotAccepted();
        var served = new Conversation(clientPort: 40001).Open(100, 99).Exchange(120).Exchange(1000);
        var attempt = Unanswered();

        var correlations = Run(
            waiting.Events.Concat(served.Events).Concat(attempt.Events).OrderBy(e => e.TimestampNs), GivenUp(waiting, 13), served.ClientRecord(11, 119, 6),
            served.ClientRecord(12, 999, 6), attempt.ClientRecord(1, 499, 4502, RequestResult.Timeout));

        Find(correlations, 1).Says(Cause.AcceptQueueOverflow);
    }

    [Fact]
    public void An_attempt_without_an_answer_beside_connections_that_are_served_met_a_black_hole()
    {
        var (attempt, served) = (Unanswered(), new Conversation(clientPort: 40001).Open(1000, 999).Exchange(1001));

        FindingOf(attempt, attempt.ClientRecord(1, 499, 4502, RequestResult.Timeout), served, served.ClientRecord(11, 1000, 6)).Says(Cause.ConnectBlackhole);
    }

    [Fact]
    public void A_large_response_that_is_lost_while_small_ones_come_through_was_too_large()
    {
        var finding = LargeBeside(smallOnes: 3, response: 200).Says(Cause.MtuBlackhole);

        Assert.Contains("none of them with a segment of 1448 bytes or more", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_response_that_is_lost_while_others_as_large_come_through_was_not_too_large()
    {
        LargeBeside(smallOnes: 3, response: 5000).Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void Where_nothing_comes_through_loss_does_not_go_by_size()
    {
        LargeBeside(smallOnes: 3, response: 200, lost: true).Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void A_size_that_is_known_not_to_come_through_needs_no_proof_of_its_own()
    {
        var (events, records) = Large(smallOnes: 3, response: 200);
        var second = Lost(42000, 700, 4000);

        Find(Run(events.Concat(second.Events).Concat(Later().Events).OrderBy(e => e.TimestampNs), [.. records, second.ServerRecord(2, 711, 2)]), 2).Says(Cause.MtuBlackhole);
        Find(Run(second.Events.Concat(Later().Events), second.ServerRecord(2, 711, 2)), 2).Says(Cause.SilentResponseLoss);
    }

    [Fact]
    public void A_size_that_is_known_not_to_come_through_says_nothing_of_a_smaller_one()
    {
        var (events, records) = Large(smallOnes: 3, response: 200);
        var second = Lost(42000, 700, 600);

        Find(Run(events.Concat(second.Events).Concat(Later().Events).OrderBy(e => e.TimestampNs), [.. records, second.ServerRecord(2, 711, 2)]), 2).Says(Cause.SilentResponseLoss);
    }

    [Theory]
    [InlineData(100, Cause.Congestion)]
    [InlineData(2, Cause.PathLoss)]
    public void A_queue_is_everybodys(double othersMs, Cause expected)
    {
        // Both began in a queue, or where acknowledgements were lost: of its own, the connection has no shorter round trip to compare with.
        RecoveredBeside(leastMs: 90, mostMs: 100, othersMs).Says(expected);
    }

    [Fact]
    public void A_round_trip_that_was_long_for_one_request_alone_comes_of_acknowledgements_that_were_lost()
    {
        var finding = RecoveredBeside(leastMs: 2, mostMs: 100, othersMs: 2).Says(Cause.PathLoss);

        Assert.Contains("no queue that all share", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_came_through_once_may_have_been_chance()
    {
        LargeBeside(smallOnes: 1, response: 200).Says(Cause.SilentResponseLoss);
    }

    private static Finding LargeBeside(int smallOnes, int response, bool lost = false)
    {
        var (events, records) = Large(smallOnes, response, lost);
        return Find(Run(events.Concat(Later().Events).OrderBy(e => e.TimestampNs), [.. records]), 1);
    }

    /// <summary>A response of 5,000 bytes that is never acknowledged, from 10 to 1422 ms, and others meanwhile.</summary>
    private static (List<KernelEvent> Events, List<TimedRecord> Records) Large(int smallOnes, int response, bool lost = false)
    {
        var large = Lost(40000, 10, 5000);
        var (events, records) = (large.Events, new List<TimedRecord> { large.ServerRecord(1, 21, 2) });
        for (var i = 0; i < smallOnes; i++)
        {
            var at = 100 + (100 * i);
            var small = new Conversation(clientPort: 41000 + i).Open(at, at - 1).ClientSends(at + 1, 100).ServerReads(at + 2, 100)
                .ServerSends(at + 3, response, acked: !lost);
            events.AddRange((lost ? small.ServerRetransmits(at + 203, 0, response) : small.ClientReads(at + 4, response)).Events);
            records.Add(small.ServerRecord(11 + i, at + 2, 2));
        }

        return (events, records);
    }

    private static Conversation Lost(int port, double atMs, int bytes) => new Conversation(port).Open(atMs, atMs - 1).ClientSends(atMs + 10, 100)
        .ServerReads(atMs + 11, 100).ServerSends(atMs + 12, bytes, acked: false).ServerRetransmits(atMs + 212, 0, Math.Min(bytes, 1448))
        .ServerRetransmits(atMs + 612, 0, Math.Min(bytes, 1448)).ServerRetransmits(atMs + 1412, 0, Math.Min(bytes, 1448));

    /// <summary>So that what is lost is waited for to its end.</summary>
    private static Conversation Later() => new Conversation(clientPort: 50000).Open(30_000, 29_999);

    /// <summary>A response that came through after it was sent again, and three others in its time.</summary>
    private static Finding RecoveredBeside(double leastMs, double mostMs, double othersMs)
    {
        var c = new Conversation().RoundTripTakes(leastMs).Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).RoundTripTakes(mostMs)
            .ServerSends(22, 500, acked: false).ServerRetransmits(322, 0, 500).ServerRetransmits(722, 0, 500).ServerIsAcked(1022).ClientReads(1023, 500);
        var (events, records) = (c.Events, new List<TimedRecord> { c.ClientRecord(1, 19, 1005) });
        for (var i = 0; i < 3; i++)
        {
            var at = 100 + (100 * i);
            var other = new Conversation(clientPort: 41000 + i).RoundTripTakes(2).Open(at, at - 1).RoundTripTakes(othersMs).Exchange(at + 1);
            events.AddRange(other.Events);
            records.Add(other.ClientRecord(11 + i, at, 6));
        }

        return Find(Run(events.OrderBy(e => e.TimestampNs), [.. records]), 1);
    }

    private static Conversation NotAccepted() => new Conversation().Open(10, 9).ClientSends(20, 100).Close(2020);

    private static TimedRecord GivenUp(Conversation c, int id = 1) => c.ClientRecord(id, 19, 2001, RequestResult.Timeout);

    private static Conversation Unanswered() => new Conversation(clientPort: 40002).ClientRetransmitsSyn(1500).ClientRetransmitsSyn(3500).FailToOpen(5000, 500, 0);

    private static Finding FindingOf(Conversation one, TimedRecord record, Conversation other, params TimedRecord[] others) =>
        Find(Run(one.Events.Concat(other.Events).OrderBy(e => e.TimestampNs), [record, .. others]), 1);

    private static Finding Find(List<Correlation> correlations, int id) => correlations.Single(x => x.RequestId == RequestId.From(id)).Finding;
}
