using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

/// <summary>Requests that were read at once and answered together: the application may be done with the first of them last.</summary>
public class PipelinedOrderTests
{
    [Fact]
    public void Records_that_name_their_places_have_their_own_bytes_whatever_the_order_in_which_they_ended()
    {
        var c = new Conversation().Open(10, 9)
            .ClientSends(20, 249).ServerReads(20.1, 249).ServerSends(21, 46_254).ClientReads(21.2, 46_254);

        var correlations = Run(c,
            Record(c.ServerRecord(1, 20.2, 0.6, ordinal: 1), 84, 40_119), Record(c.ServerRecord(2, 20.3, 0.1, ordinal: 2), 82, 1_017),
            Record(c.ServerRecord(3, 20.4, 0.1, ordinal: 3), 83, 5_118));

        Assert.Equal([(1, 0L, 84L, 40_119L), (2, 84L, 166L, 1_017L), (3, 166L, 249L, 5_118L)], correlations.OrderBy(x => x.ServerExchange!.Request.Start)
            .Select(x => (int.Parse(x.RequestId.Text, null), x.ServerExchange!.Request.Start, x.ServerExchange.Request.End, x.ServerExchange.Response.Length)));
    }

    private static TimedRecord Record(TimedRecord record, long requestBytes, long responseBytes) =>
        record with { Record = record.Record with { RequestBytes = requestBytes, ResponseBytes = responseBytes } };
}
