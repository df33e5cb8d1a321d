using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Histories;

/// <summary>Nothing is wrong in these worlds but that kernel events were lost: what is not seen is never held against anybody.</summary>
public class LostEventsTests
{
    private const int Seeds = 60;

    [Theory]
    [InlineData(Shape.KeptAlive)]
    [InlineData(Shape.PipelinedAnsweredOneByOne)]
    [InlineData(Shape.PipelinedAnsweredTogether)]
    [InlineData(Shape.AskedForLeave)]
    [InlineData(Shape.AnsweredEarly)]
    [InlineData(Shape.HalfClosed)]
    [InlineData(Shape.Mixed)]
    public void Lost_events_make_no_discrepancy(Shape shape)
    {
        var wrong = Enumerable.Range(1, Seeds).SelectMany(seed => Discrepant(World.Of(shape, seed), new Random(seed)).Select(text => $"seed {seed}: {text}")).ToList();

        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n{string.Join('\n', wrong.Take(12))}");
    }

    /// <summary>Whoever counts the requests of a connection has counted those that nobody saw.</summary>
    [Theory]
    [InlineData(RequestRole.Client)]
    [InlineData(RequestRole.Server)]
    public void Requests_of_the_same_connection_are_matched_again_after_a_loss(RequestRole role)
    {
        const int each = 30;
        var c = new Conversation().Open(10, 9);
        var records = new List<TimedRecord>();
        for (var i = 0; i < 2 * each; i++)
        {
            var at = 100 + (5 * i) + (i < each ? 0 : 3000);
            c.Exchange(at, 100, 500);
            var record = role == RequestRole.Client ? c.ClientRecord(i + 1, at - 0.01, 0.1, ordinal: i + 1) : c.ServerRecord(i + 1, at + 0.01, 0.05, ordinal: i + 1);
            records.Add(record with { Record = record.Record with { RequestBytes = 100, ResponseBytes = 500 } });
        }

        c.Events.RemoveAll(e => e.TimestampNs >= Conversation.Ns(130) && e.TimestampNs < Conversation.Ns(160));
        c.Loses(130, 160, 24);
        var correlations = PlainPipeline.Run(c, [.. records]);

        Assert.DoesNotContain(correlations, correlation => correlation.Finding.Verdict == Verdict.Discrepant);
        for (var i = each; i < 2 * each; i++)
        {
            var own = Assert.Single(correlations, correlation => correlation.RequestId == RequestId.From(i + 1));
            Assert.Equal(Verdict.Healthy, own.Finding.Verdict);
            Assert.Equal((100L * i, 100L * (i + 1)), (own.ServerExchange!.Request.Start, own.ServerExchange.Request.End));
        }
    }

    private static IEnumerable<string> Discrepant(World world, Random random) =>
        PlainPipeline.Run(Thinned(world.Events, random, random.Next(1, 9)), [.. world.Records])
            .Where(c => c.Finding.Verdict == Verdict.Discrepant)
            .Select(c => $"{c.RequestId} is {c.Finding.Cause}: {c.Finding.Reason}");

    /// <summary>The events without some runs of them: of ten events, so many are lost.</summary>
    private static IEnumerable<KernelEvent> Thinned(List<KernelEvent> events, Random random, int lostOfTen)
    {
        for (var i = 0; i < events.Count;)
        {
            var kept = random.Next(1, (2 * (10 - lostOfTen)) + 1);
            foreach (var e in events.Skip(i).Take(kept))
                yield return e;
            i += kept;
            var lost = Math.Min(random.Next(1, (2 * lostOfTen) + 1), events.Count - i);
            if (lost > 0)
                yield return new KernelEvent
                {
                    Type = KernelEventType.Lost,
                    SinceNs = events[i].TimestampNs,
                    TimestampNs = events[i + lost - 1].TimestampNs,
                    LostEvents = (uint)lost,
                };
            i += Math.Max(0, lost);
        }
    }
}
