using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

public class CoarseClockTests
{
    [Fact]
    public void Records_of_one_tick_that_share_pipelined_bytes_are_ambiguous()
    {
        var c = Pipelined();

        var correlations = Run(c, Server(c, 9, 100, 200), Server(c, 3, 200, 700));

        Assert.All(correlations.Where(x => x.ServerRecord is not null), x => Assert.Equal(MatchMethod.None, x.Match.Method));
        Assert.DoesNotContain(correlations, x => x.Finding.Verdict == Verdict.Healthy);
    }

    [Fact]
    public void Their_places_on_the_connection_tell_them_apart()
    {
        var c = Pipelined();

        var correlations = Run(c, Server(c, 9, 100, 200, place: 1), Server(c, 3, 200, 700, place: 2));

        Assert.Equal([(9, 0L, 100L), (3, 100L, 300L)], correlations.OrderBy(x => x.ServerExchange!.Request.Start)
            .Select(x => (int.Parse(x.RequestId.Text, null), x.ServerExchange!.Request.Start, x.ServerExchange.Request.End)));
    }

    private static Conversation Pipelined() => new Conversation().Open(10, 9)
        .ClientSends(20, 300).ServerReads(20.1, 300).ServerSends(20.4, 900).ClientReads(20.5, 900);

    private static TimedRecord Server(Conversation c, int id, long requestBytes, long responseBytes, int place = 0)
    {
        var record = c.ServerRecord(id, 20, 0, ordinal: place);
        return record with { Record = record.Record with { RequestBytes = requestBytes, ResponseBytes = responseBytes, ResolutionMs = 1 } };
    }
}
