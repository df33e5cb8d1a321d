using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Tests.Graph;

public class OfflineInputTests
{
    private const long BootUnixNs = 1_700_000_000_000_000_000;
    private const long StepAtNs = 50_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(2_000_000_000)]
    [InlineData(3_600_000_000_000)]
    public void A_wall_clock_that_is_set_forward_moves_no_match(long stepNs)
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(40).Exchange(60).Exchange(80);
        TimedRecord[] truth = [c.ClientRecord(1, 19, 6), c.ClientRecord(2, 39, 6), c.ClientRecord(3, 59, 6), c.ClientRecord(4, 79, 6)];
        var events = c.Events.Select(e => (e, Unix((long)e.TimestampNs, stepNs)));
        var stored = truth.Select(record => record.Record with { StartUnixNs = Unix(record.StartNs!.Value, stepNs) }).ToList();

        var laid = OfflineInput.Lay(events, stored, PlainPipeline.Settings.Disorder).OfType<RecordInput>().SelectMany(input => input.Records).ToArray();

        // The step is known from the first event after it: what began in between is placed there.
        var tolerance = (long)PlainPipeline.Settings.ClockTolerance.TotalNanoseconds;
        Assert.All(truth.Zip(laid, (one, other) => other.StartNs!.Value - one.StartNs!.Value), off => Assert.InRange(off, 0, tolerance));
        var correlations = PlainPipeline.Run(c, laid);
        Assert.Equal([1, 2, 3, 4], correlations.Select(x => x.ClientExchange?.Ordinal));
        Assert.All(correlations, x => Assert.Equal(Verdict.Healthy, x.Finding.Verdict));
    }

    [Fact]
    public void A_history_of_both_offsets_gives_each_time_its_own()
    {
        var clock = new ClockHistory(new ClockOffset(0, BootUnixNs, 0));
        clock.Add(new ClockOffset(StepAtNs, Unix(StepAtNs, 2_000_000_000), 0));

        foreach (var monotonic in new[] { 0, StepAtNs - 1, StepAtNs, StepAtNs * 2 })
            Assert.Equal(monotonic, clock.ToMonotonicNs(Unix(monotonic, 2_000_000_000)));
    }

    private static long Unix(long monotonicNs, long stepNs) => BootUnixNs + monotonicNs + (monotonicNs >= StepAtNs ? stepNs : 0);
}
