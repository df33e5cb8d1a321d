using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Correlations;

/// <summary>Records that come long after their requests were due, on a connection that is kept.</summary>
public sealed class LateRecordTests
{
    private const int Requests = 2000;
    private const int EveryMs = 10;
    private const int MostBytesEach = 128 << 10;

    [Theory]
    [InlineData(0, 100)]
    [InlineData(0, 200_000)]
    [InlineData(2_500, 100)]
    [InlineData(10_000, 100)]
    public void They_cost_no_more_than_a_bounded_amount_each(int lateMs, int stepMs)
    {
        var c = new Conversation().Open(10, 9);
        var records = new List<TimedRecord>();
        for (var i = 0; i < Requests; i++)
        {
            var at = 20 + (i * EveryMs);
            c.ClientSends(at, 100).ServerReads(at + 1, 100).ServerSends(at + 2, 500).ClientReads(at + 3, 500);
            records.Add(c.ServerRecord(i, at + 1, 1));
        }

        var events = new Queue<KernelEvent>(c.Events.OrderBy(e => e.TimestampNs));
        var run = new CorrelatorRun();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var next = 0;
        for (var now = 0; now < 20 + (Requests * EveryMs) + lateMs + stepMs + 5_000; now += stepMs)
        {
            var due = new List<KernelEvent>();
            while (events.TryPeek(out var e) && e.TimestampNs <= Conversation.Ns(now))
                due.Add(events.Dequeue());
            var come = new List<TimedRecord>();
            while (next < records.Count && records[next].EndNs + ((long)lateMs * 1_000_000) <= (long)Conversation.Ns(now))
                come.Add(records[next++]);
            run.Process(due, now, [.. come]);
        }

        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Requests;
        Assert.InRange(each, 1, MostBytesEach);
        Assert.True(run.Correlator.IsIdle);
        if (lateMs == 0)
            Assert.Equal(Requests, run.Correlations.Count(correlation => correlation.ServerRecord is not null && correlation.ServerExchange is not null));
    }
}
