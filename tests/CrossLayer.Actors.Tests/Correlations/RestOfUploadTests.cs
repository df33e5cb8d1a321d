using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

public class RestOfUploadTests
{
    [Theory]
    [InlineData(400)]
    [InlineData(700)]
    [InlineData(1000)]
    public void An_upload_that_was_answered_before_its_end_is_one_request_however_much_of_it_the_server_counts(int counted)
    {
        var c = new Conversation().Open(10, 9).ClientSends(20, 400).ServerReads(21, 400).ServerSends(22, 180)
            .ClientSends(22.5, 600).ClientReads(23, 180).ServerReads(24, 600).Close(25);

        var correlation = Assert.Single(Run(c, Counting(c.ClientRecord(1, 19, 5, RequestResult.HttpError), 1000), Counting(c.ServerRecord(1, 21, 5, RequestResult.HttpError), counted)));

        Assert.True(correlation.Finding.Verdict == Verdict.Healthy, correlation.Finding.Reason);
        Assert.NotNull(correlation.ClientRecord);
        Assert.NotNull(correlation.ServerRecord);
        Assert.Equal(1000, correlation.ServerExchange!.Request.Length);
    }

    private static TimedRecord Counting(TimedRecord record, int requestBytes) =>
        record with { Record = record.Record with { RequestBytes = requestBytes, ResponseBytes = 180 } };
}
