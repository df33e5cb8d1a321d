using CrossLayer.Actors.Correlations;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

public class CoverageTests
{
    [Fact]
    public void A_long_loss_marked_piece_by_piece_is_one_loss_and_pushes_out_none_before_it()
    {
        var coverage = new Coverage(0, long.MaxValue, []).With(new LossInterval(10, 20, 3));
        for (var at = 1000; at < 2000; at++)
            coverage = coverage.With(new LossInterval(at, at + 1, 2));

        Assert.Equal([new LossInterval(10, 20, 3), new LossInterval(1000, 2000, 2000)], coverage.Losses);
        Assert.NotNull(coverage.Gap(15, 16));
        Assert.NotNull(coverage.Gap(1500, 1500));
        Assert.Null(coverage.Gap(21, 999));
    }

    [Fact]
    public void A_loss_that_is_told_late_is_kept_apart()
    {
        var coverage = new Coverage(0, long.MaxValue, []).With(new LossInterval(100, 110, 1)).With(new LossInterval(50, 60, 1));

        Assert.Null(coverage.Gap(61, 99));
        Assert.NotNull(coverage.Gap(55, 55));
    }

    [Fact]
    public void Of_many_losses_none_is_forgotten_and_the_newest_are_kept_apart()
    {
        var coverage = Enumerable.Range(1, 1000).Aggregate(new Coverage(0, long.MaxValue, []), (c, i) => c.With(new LossInterval(10 * i, (10 * i) + 2, 1)));

        Assert.Equal(256, coverage.Losses.Count);
        Assert.Equal(1000, coverage.Losses.Sum(loss => loss.Events));
        Assert.NotNull(coverage.Gap(11, 11));
        Assert.Null(coverage.Gap(9_993, 9_999));
    }

    private readonly Conversation _reported = new Conversation().Open(10, 9).Exchange(20);

    [Fact]
    public void A_server_reports_since_the_end_of_its_first_request()
    {
        var coverage = Coverage.None.With(_reported.ServerRecord(1, 30, 4)).With(_reported.ServerRecord(2, 20, 4)).With(_reported.ServerRecord(3, 40, 4));

        Assert.Equal(24_000_000, coverage.ServerReportsSinceNs(_reported.Server));
        Assert.Equal(long.MaxValue, coverage.ServerReportsSinceNs(_reported.Client));
    }

    [Fact]
    public void A_clients_report_speaks_for_no_server()
    {
        Assert.Empty(Coverage.None.With(_reported.ClientRecord(1, 30, 4)).ReportingServers);
    }

    [Fact]
    public void Reporting_servers_are_bounded_and_those_known_still_move()
    {
        var coverage = Enumerable.Range(1, 2000).Aggregate(Coverage.None, (c, port) => c.With(new Conversation(serverPort: port).ServerRecord(1, 30, 4)));
        Assert.Equal(1024, coverage.ReportingServers.Count);

        Assert.Equal(14_000_000, coverage.With(new Conversation(serverPort: 1).ServerRecord(1, 10, 4)).ServerReportsSinceNs(Conversation.End(1)));
    }

    [Fact]
    public void A_request_that_a_reporting_server_does_not_report_is_unclaimed_on_another_connection_too()
    {
        var silent = new Conversation(clientPort: 50000).Open(5000, 4999).Exchange(5020);
        var elsewhere = new Conversation(clientPort: 50000, serverPort: 9090).Open(5000, 4999).Exchange(5020);

        var unclaimed = Assert.Single(
            Run(_reported.Events.Concat(silent.Events).Concat(elsewhere.Events), _reported.ServerRecord(1, 21, 2)),
            c => c.Finding.Cause == Cause.UnclaimedExchange);

        Assert.Equal(silent.Server, unclaimed.ServerExchange!.Local);
    }

    [Fact]
    public void Whoever_may_have_reported_to_nobody_yet_is_not_said_to_have_left_a_request_out()
    {
        // As after a restart under traffic: what was over before the first record that came.
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(5000);

        Assert.Equal(["2"], Run(c, c.ServerRecord(2, 5001, 2)).Select(x => x.RequestId.Text));
        Assert.Equal(["2"], Run(c, c.ClientRecord(2, 4999, 6)).Select(x => x.RequestId.Text));
    }

    [Theory]
    [InlineData(5_900, false)]
    [InlineData(6_200, true)]
    public void A_record_that_may_have_been_on_its_way_when_no_more_were_taken_is_not_missing(long endMs, bool isMissing)
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(5000);
        var run = new CorrelatorRun { Coverage = CorrelatorRun.Everything with { RecordsEndNs = endMs * 1_000_000 } };

        run.Process(c.Events, 90_000, c.ServerRecord(1, 21, 2));

        Assert.Equal(isMissing, run.Correlations.Any(x => x.Finding.Cause == Cause.UnclaimedExchange));
    }

    [Fact]
    public void A_request_that_only_the_client_reports_is_unclaimed_where_the_server_reports_the_others()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(5000);

        var finding = Run(c, c.ClientRecord(1, 19, 6), c.ServerRecord(1, 21, 2), c.ClientRecord(2, 4999, 6)).Single(x => x.ServerRecord is null).Finding;

        Assert.Equal((Cause.UnclaimedExchange, BlindLayer.Application), (finding.Cause, finding.BlindLayer));
        Assert.Contains("the server's application, which reports its requests, does not know it", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_only_the_server_reports_is_unclaimed_where_the_client_reports_the_others()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(5000);

        var finding = Run(c, c.ClientRecord(1, 19, 6), c.ServerRecord(1, 21, 2), c.ServerRecord(2, 5001, 2)).Single(x => x.ClientRecord is null).Finding;

        Assert.Equal(Cause.UnclaimedExchange, finding.Cause);
        Assert.Contains("the client's application", finding.Reason, StringComparison.Ordinal);
    }
}
