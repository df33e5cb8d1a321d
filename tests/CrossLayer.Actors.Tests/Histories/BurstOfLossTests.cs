using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Histories;

/// <summary>A busy connection, whose records name neither places nor bytes that would tell its equal requests apart, loses events for a while.</summary>
public class BurstOfLossTests
{
    private const int Seeds = 3;
    private const int Requests = 2400;
    private const long LossFromNs = 1_000_000_000;
    private const long LossToNs = 1_500_000_000;

    /// <summary>From here on nothing that was lost is within any record's reach.</summary>
    private const long WellAfterNs = 4_000_000_000;

    [Theory]
    [InlineData(RequestRole.Client, 0)]
    [InlineData(RequestRole.Server, 0)]
    [InlineData(RequestRole.Client, 300_000)]
    [InlineData(RequestRole.Server, -300_000)]
    public void Requests_that_come_fast_are_matched_again(RequestRole role, long clockNs)
    {
        foreach (var outcome in Enumerable.Range(1, Seeds).Select(seed => Run(seed, role, _ => clockNs)))
        {
            Assert.Empty(outcome.Misplaced);
            Assert.InRange(outcome.Matched, outcome.WellAfter * 0.99, outcome.WellAfter);
        }
    }

    /// <summary>What a clock, off by more than lies between requests, does not tell before a loss, it is not taken to tell after it.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(-2, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 20)]
    public void A_loss_makes_no_bad_clock_worse(int offMs, int oneIn)
    {
        foreach (var seed in Enumerable.Range(1, Seeds))
            foreach (var role in new[] { RequestRole.Client, RequestRole.Server })
                Assert.InRange(Run(seed, role, ClockNs).Misplaced.Count, 0, Run(seed, role, ClockNs, loses: false).Misplaced.Count);

        long ClockNs(Random random) => oneIn == 1 ? offMs * 1_000_000 : random.Next(oneIn) == 0 ? random.NextInt64(-offMs * 1_000_000, offMs * 1_000_000) : 0;
    }

    private static (List<string> Misplaced, int WellAfter, int Matched) Run(int seed, RequestRole role, Func<Random, long> clockNs, bool loses = true)
    {
        var random = new Random(seed);
        var history = new History(random, 40_000, 1000, 0, 1_000_000);
        for (var i = 0; i < Requests; i++)
        {
            history.Ask(41, 152);
            history.Wait(random.NextInt64(500_000, 3_000_000));
        }

        history.Close();
        var records = history.Requests.Select(told => Shifted(told.Record(role, Reporting.None, clockNs: 0), clockNs(random))).ToArray();

        var told = history.Requests.ToDictionary(request => RequestId.From(request.Id));
        var correlations = PlainPipeline.Run(loses ? WithLoss(history.Events()) : history.Events(), records);

        var wellAfter = history.Requests.Where(request => request.ClientStartNs > WellAfterNs).Select(request => RequestId.From(request.Id)).ToHashSet();
        var matched = correlations.FindAll(c => (c.ClientRecord ?? c.ServerRecord) is not null && c.ServerExchange is not null);
        var misplaced = matched.Where(c => wellAfter.Contains(c.RequestId) && c.ServerExchange!.Request != told[c.RequestId].Request)
            .Select(c => $"seed {seed}: {c.RequestId} of {told[c.RequestId].Request} has {c.ServerExchange!.Request}: {c.Match}").ToList();
        return (misplaced, wellAfter.Count, matched.Count(c => wellAfter.Contains(c.RequestId)));
    }

    [Fact]
    public void Yy()
    {
        foreach (var (ms, loses) in new[] { (4, true), (4, true), (4, true), (4, false) })
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            var all = Enumerable.Range(1, 3).Select(seed => Run(seed, RequestRole.Client, _ => ms * 1_000_000, loses)).ToList();
            Console.WriteLine($"ZZ {ms,6} loses {loses,5}: well after {all.Sum(x => x.WellAfter)}, matched {all.Sum(x => x.Matched)}, wrong {all.Sum(x => x.Misplaced.Count)}, {watch.ElapsedMilliseconds} ms");
        }
    }

    [Fact]
    public void Zz()
    {
        foreach (var (name, clock) in new (string, Func<Random, long>)[]
            {
                ("0", _ => 0), ("0.3", _ => 300_000), ("-0.3", _ => -300_000), ("1", _ => 1_000_000), ("-1", _ => -1_000_000), ("2", _ => 2_000_000), ("-2", _ => -2_000_000), ("4", _ => 4_000_000), ("-4", _ => -4_000_000),
                ("+-0.3", random => random.NextInt64(-300_000, 300_000)), ("+-1", random => random.NextInt64(-1_000_000, 1_000_000)), ("+-4", random => random.NextInt64(-4_000_000, 4_000_000)), ("20th", random => random.Next(20) == 0 ? random.NextInt64(-4_000_000, 4_000_000) : 0),
                ("200th", random => random.Next(200) == 0 ? random.NextInt64(-4_000_000, 4_000_000) : 0),
            })
            foreach (var role in new[] { RequestRole.Client, RequestRole.Server })
                foreach (var loses in new[] { false, true })
                {
                    var watch = System.Diagnostics.Stopwatch.StartNew();
                    var all = Enumerable.Range(1, 3).Select(seed => Run(seed, role, clock, loses)).ToList();
                    Console.WriteLine($"ZZ {name,6} {role} loses {loses,5}: well after {all.Sum(x => x.WellAfter)}, matched {all.Sum(x => x.Matched)}, wrong {all.Sum(x => x.Misplaced.Count)}, {watch.ElapsedMilliseconds} ms");
                }
    }

    private static TimedRecord Shifted(TimedRecord record, long byNs) =>
        new(record.Record with { StartUnixNs = record.StartNs + byNs }, record.StartNs + byNs);

    /// <summary>Of the events of a while, every second run of twenty is lost.</summary>
    private static IEnumerable<KernelEvent> WithLoss(IEnumerable<KernelEvent> events)
    {
        var (seen, lost, sinceNs) = (0, 0u, 0UL);
        foreach (var e in events)
        {
            if (e.TimestampNs is > LossFromNs and < LossToNs && seen++ / 20 % 2 == 0)
            {
                lost++;
                continue;
            }

            if (lost > 0)
                yield return new KernelEvent { Type = KernelEventType.Lost, SinceNs = sinceNs, TimestampNs = e.TimestampNs, LostEvents = lost };
            (lost, sinceNs) = (0, e.TimestampNs);
            yield return e;
        }
    }
}
