using CrossLayer.Actors.Correlations;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class LongRequestTests
{
    private const int Writes = 20;
    private const int Bytes = 100_000;

    [Fact]
    public void A_long_request_takes_its_time_where_nothing_held_it_up()
    {
        var finding = Upload(new Conversation().Open(10, 9));

        Assert.True(finding.Verdict == Verdict.Healthy, finding.Reason);
        Assert.Contains("2000000 bytes for 570 ms of its 600 ms", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_on_its_way_is_found_all_the_same()
    {
        var finding = Upload(new Conversation().RoundTripTakes(1).Open(10, 9), (1, c => c.RoundTripTakes(200)));

        Assert.Equal((Verdict.Discrepant, Cause.Congestion), (finding.Verdict, finding.Cause));
    }

    [Fact]
    public void Nor_where_several_things_held_it_up_and_none_for_most_of_it()
    {
        var finding = Upload(new Conversation().Open(10, 9), (1, c => c.ClientRetransmits(1050, Bytes, 1448)), (10, c => c.ClientIsAcked(1315)));

        Assert.True(finding.Verdict == Verdict.Healthy, finding.Reason);
    }

    [Fact]
    public void What_was_lost_on_its_way_is_found_all_the_same()
    {
        var finding = Upload(new Conversation().Open(10, 9), (1, c => c.ClientRetransmits(1050, 0, 1448)));

        Assert.Equal((Verdict.Discrepant, Cause.PathLoss), (finding.Verdict, finding.Cause));
    }

    [Fact]
    public void Nor_where_the_server_reads_more_slowly_than_the_client_writes()
    {
        var finding = Upload(new Conversation().Open(10, 9), [.. Enumerable.Range(1, Writes - 1).Select(write => (write, (Action<Conversation>)(c => c.ClientIsBlockedFor(28))))]);

        Assert.True(finding.Verdict == Verdict.Healthy, finding.Reason);
        Assert.Contains("for 570 ms of its 600 ms, 532 ms of it as the server's application read them", finding.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "its application read none")]
    [InlineData(false, "none could be written")]
    public void A_server_that_stands_still_amid_it_is_found_and_not_the_client_blamed(bool withServer, string seen)
    {
        var c = new Conversation { WithServer = withServer }.Open(10, 9).ClientSends(1000, Bytes, acked: false).ServerReads(1001, Bytes / 2).ClientIsBlockedFor(540)
            .ClientSends(1550, Bytes).ServerReads(1551, (2 * Bytes) - (Bytes / 2)).ServerSends(1560, 500).ClientReads(1561, 500);

        var correlation = Assert.Single(Run(c, c.ClientRecord(1, 999, 600)));

        Assert.Equal((Verdict.Discrepant, Cause.ProcessStall, TroublePlace.ServerApplication),
            (correlation.Finding.Verdict, correlation.Finding.Cause, correlation.Place));
        Assert.Contains($"for 540 ms request bytes waited for room in the server's receive window, and for 550 ms on end {seen}",
            correlation.Finding.Reason, StringComparison.Ordinal);
    }

    /// <summary>2 MB in 570 ms: at each write some of the last one is still under way, as where the socket's buffer is the limit.</summary>
    private static Finding Upload(Conversation c, params (int Write, Action<Conversation> Then)[] underWay)
    {
        for (var i = 0; i < Writes; i++)
        {
            c.ClientSends(1000 + (30 * i), Bytes, acked: false).ServerReads(1001 + (30 * i), Bytes - (i == 0 ? 100 : 0));
            foreach (var (_, then) in underWay.Where(after => after.Write == i))
                then(c);
        }

        c.ClientIsAcked(1580).ServerReads(1581, 100).ServerSends(1584, 500).ClientReads(1585, 500);
        return Assert.Single(Run(c, c.ClientRecord(1, 999, 600))).Finding;
    }
}
