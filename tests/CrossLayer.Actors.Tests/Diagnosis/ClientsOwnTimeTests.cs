using CrossLayer.Actors.Correlations;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Diagnosis;

public class ClientsOwnTimeTests
{
    [Theory]
    [InlineData(1000, 1704)]
    [InlineData(1699, 1704)]
    public void Time_that_the_client_spends_before_the_first_byte_or_after_the_last_is_no_discrepancy(double startMs, double requestMs)
    {
        var c = new Conversation().Open(10, 9).Exchange(requestMs);

        var finding = Assert.Single(Run(c, c.ClientRecord(1, startMs, 720))).Finding;

        Assert.True(finding.Verdict == Verdict.Healthy, finding.Reason);
        Assert.Contains("not the network's time", finding.Reason, StringComparison.Ordinal);
    }
}
