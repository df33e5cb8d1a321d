using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class ConnectRulesTests
{
    [Fact]
    public void An_attempt_whose_answer_was_sent_again_and_never_came_is_told_from_a_black_hole()
    {
        var c = new Conversation().ClientRetransmitsSyn(1010).ServerHostRetransmitsSynack(1020).ClientRetransmitsSyn(3010)
            .ServerHostRetransmitsSynack(3020).FailToOpen(5000, 10, 0);

        var finding = FindingOf(c, c.ClientRecord(1, 9, 4992, RequestResult.Timeout)).Says(Cause.SynackLoss);

        Assert.Equal(BlindLayer.Application, finding.BlindLayer);
        Assert.Contains("2 SYN-ACKs sent again", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_that_was_refused_in_the_end_found_nobody_who_listens()
    {
        var c = new Conversation().ClientRetransmitsSyn(1010).ServerHostRetransmitsSynack(1020).FailToOpen(2000, 10, 111);

        FindingOf(c, c.ClientRecord(1, 9, 1992, RequestResult.Refused)).Says(Cause.NoListener);
    }

    [Fact]
    public void Answers_to_somebody_else_do_not_make_a_black_hole_the_loss_of_answers()
    {
        var c = new Conversation().ClientRetransmitsSyn(1010).ClientRetransmitsSyn(3010).FailToOpen(5000, 10, 0);
        var other = new Conversation(clientPort: 50000).ServerHostRetransmitsSynack(1020);

        Assert.Single(Run(c.Events.Concat(other.Events).OrderBy(e => e.TimestampNs), c.ClientRecord(1, 9, 4992, RequestResult.Timeout)))
            .Finding.Says(Cause.ConnectBlackhole);
    }

    [Theory]
    [InlineData("AddressNotAvailable")]
    [InlineData("EADDRNOTAVAIL")]
    [InlineData("cannot assign requested address")]
    [InlineData("Cannot assign requested address")]
    public void An_application_that_was_given_no_port_says_why_by_itself(string error)
    {
        var c = new Conversation(clientPort: 0).FailToOpen(10, 9.9, 99);

        var finding = FindingOf(c, Failed(c, error)).Says(Cause.PortExhaustion);

        Assert.Equal(BlindLayer.None, finding.BlindLayer);
    }

    [Fact]
    public void No_port_needs_no_kernel_event()
    {
        var c = new Conversation(clientPort: 0);

        FindingOf(c, Failed(c, "AddressNotAvailable")).Says(Cause.PortExhaustion);
    }

    [Fact]
    public void Another_error_without_a_kernel_event_is_inconclusive()
    {
        var c = new Conversation(clientPort: 0);

        Assert.Equal(Verdict.Inconclusive, FindingOf(c, Failed(c, "AddressAlreadyInUse")).Verdict);
    }

    [Fact]
    public void A_connection_that_had_a_port_did_not_lack_one()
    {
        var c = new Conversation().ClientRetransmitsSyn(1010).FailToOpen(2000, 10, 99);
        var record = c.ClientRecord(1, 9, 1992, RequestResult.Error);

        FindingOf(c, record with { Record = record.Record with { ErrorType = "AddressNotAvailable" } }).DoesNotSay(Cause.PortExhaustion);
    }

    private static TimedRecord Failed(Conversation c, string error)
    {
        var record = c.ClientRecord(1, 9.5, 1, RequestResult.Error);
        return record with { Record = record.Record with { ErrorType = error } };
    }

    private static Finding FindingOf(Conversation c, TimedRecord record) => Assert.Single(Run(c, record)).Finding;
}
