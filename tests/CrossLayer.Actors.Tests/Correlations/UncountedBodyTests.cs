using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

/// <summary>
/// A server that throws request bodies away and does not count them (nginx at a <c>return</c>), with a coarse clock that it reads once for
/// all that it finds to do: neither bytes nor time tell which request a record is of, but its place does.
/// </summary>
public class UncountedBodyTests
{
    private const int Requests = 60;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 3)]
    [InlineData(20, 0)]
    [InlineData(20, 3)]
    [InlineData(20, 20)]
    public void A_record_that_names_its_place_has_its_request(int firstBehindMs, int othersBehindMs)
    {
        var c = new Conversation().Open(10, 9);
        var records = new List<TimedRecord>();
        for (var i = 0; i < Requests; i++)
        {
            var at = 100 + (1.5 * i);
            c.ClientSends(at, 255).ServerReads(at + 0.1, 255).ServerSends(at + 0.2, 153).ClientReads(at + 0.3, 153);
            var record = c.ServerRecord(i + 1, Math.Floor(at) - (i == 0 ? firstBehindMs : othersBehindMs), 0, ordinal: i + 1);
            records.Add(record with { Record = record.Record with { RequestBytes = 218, ResponseBytes = 153, ResolutionMs = 1 } });
        }

        var correlations = Run(c, [.. records]);

        Assert.Equal(Requests, correlations.Count);
        Assert.All(correlations, correlation => Assert.True(correlation.Finding.Verdict == Verdict.Healthy, $"{correlation.RequestId}: {correlation.Finding.Reason}"));
        Assert.All(correlations, correlation => Assert.Equal(correlation.RequestId, RequestId.From(correlation.ServerExchange!.Ordinal)));
    }
}
