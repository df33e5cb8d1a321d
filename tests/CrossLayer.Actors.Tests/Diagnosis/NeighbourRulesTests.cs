using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
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

        Assert.Contains("no segment larger than 200 bytes", finding.Reason, StringComparison.Ordinal);
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
    public void What_came_through_once_may_have_been_chance()
    {
        LargeBeside(smallOnes: 1, response: 200).Says(Cause.SilentResponseLoss);
    }

    private static Finding LargeBeside(int smallOnes, int response, bool lost = false)
    {
        var large = new Conversation().Open(10, 9).ClientSends(20, 100).ServerReads(21, 100).ServerSends(22, 5000, acked: false)
            .ServerRetransmits(222, 0, 1448).ServerRetransmits(622, 0, 1448).ServerRetransmits(1422, 0, 1448).ServerRetransmits(6222, 0, 1448);
        var (events, records) = (large.Events, new List<TimedRecord> { large.ServerRecord(1, 21, 2) });
        for (var i = 0; i < smallOnes; i++)
        {
            var at = 100 + (100 * i);
            var small = new Conversation(clientPort: 41000 + i).Open(at, at - 1).ClientSends(at + 1, 100).ServerReads(at + 2, 100)
                .ServerSends(at + 3, response, acked: !lost);
            events.AddRange((lost ? small.ServerRetransmits(at + 203, 0, response) : small.ClientReads(at + 4, response)).Events);
            records.Add(small.ServerRecord(11 + i, at + 2, 2));
        }

        events.AddRange(new Conversation(clientPort: 50000).Open(20_000, 19_999).Events);
        return Find(Run(events.OrderBy(e => e.TimestampNs), [.. records]), 1);
    }

    private static Conversation NotAccepted() => new Conversation().Open(10, 9).ClientSends(20, 100).Close(2020);

    private static TimedRecord GivenUp(Conversation c, int id = 1) => c.ClientRecord(id, 19, 2001, RequestResult.Timeout);

    private static Conversation Unanswered() => new Conversation(clientPort: 40002).ClientRetransmitsSyn(1500).ClientRetransmitsSyn(3500).FailToOpen(5000, 500, 0);

    private static Finding FindingOf(Conversation one, TimedRecord record, Conversation other, params TimedRecord[] others) =>
        Find(Run(one.Events.Concat(other.Events).OrderBy(e => e.TimestampNs), [record, .. others]), 1);

    private static Finding Find(List<Correlation> correlations, int id) => correlations.Single(x => x.RequestId == RequestId.From(id)).Finding;
}
