using System.Globalization;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Tests.Graph;

public class OfflineInputTests
{
    private const long BootUnixNs = 1_700_000_000_000_000_000;
    private const long StepAtNs = 50_000_000;
    private const long BusyStepAtNs = 1_050_000_000;
    private const long StepBackNs = -500_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(2_000_000_000)]
    [InlineData(3_600_000_000_000)]
    [InlineData(-2_000_000_000)]
    [InlineData(-3_600_000_000_000)]
    public void A_wall_clock_that_is_set_forward_or_back_moves_no_match(long stepNs)
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(40).Exchange(60).Exchange(80);
        TimedRecord[] truth = [c.ClientRecord(1, 19, 6), c.ClientRecord(2, 39, 6), c.ClientRecord(3, 59, 6), c.ClientRecord(4, 79, 6)];
        var events = c.Events.Select(e => (e, Unix((long)e.TimestampNs, stepNs)));
        var stored = truth.Select(record => record.Record with { StartUnixNs = Unix(record.StartNs!.Value, stepNs) }).ToList();

        var laid = OfflineInput.Lay(events, stored, PlainPipeline.Settings).OfType<RecordInput>().SelectMany(input => input.Records).ToArray();

        // The step is known from the first event after it: what began in between is placed there.
        var tolerance = (long)PlainPipeline.Settings.ClockTolerance.TotalNanoseconds;
        Assert.All(truth.Zip(laid, (one, other) => other.StartNs!.Value - one.StartNs!.Value), off => Assert.InRange(off, 0, tolerance));
        var correlations = PlainPipeline.Run(c, laid);
        Assert.Equal([1, 2, 3, 4], correlations.Select(x => x.ClientExchange?.Ordinal));
        Assert.All(correlations, x => Assert.Equal(Verdict.Healthy, x.Finding.Verdict));
    }

    [Fact]
    public void On_a_busy_connection_the_order_of_writing_tells_which_of_two_times_is_meant()
    {
        var (c, truth) = Busy();

        var laid = Records(c, truth, StepBackNs);

        Assert.Equal(truth.Select(record => (record.Record.RequestId, record.StartNs)), laid.Select(record => (record.Record.RequestId, record.StartNs)));
        Assert.All(PlainPipeline.Run(c, laid), x => Assert.Equal(Verdict.Healthy, x.Finding.Verdict));
    }

    [Fact]
    public void Where_nothing_tells_which_of_two_times_is_meant_the_record_has_none_and_nothing_is_said_to_be_missing()
    {
        var (c, truth) = Busy();
        // The last one, first in its file, has the wall time of one before the step: this order is no order of writing.
        var shuffled = truth.Skip(2).Reverse().Concat(truth.Take(2)).ToArray();

        var laid = Records(c, shuffled, StepBackNs);

        Assert.Contains(laid, record => record is { StartIsInDoubt: true, StartNs: null });
        Assert.All(laid.Where(record => !record.StartIsInDoubt),
            record => Assert.Equal(truth.Single(other => other.Record.RequestId == record.Record.RequestId).StartNs, record.StartNs));
        var correlations = PlainPipeline.Run(c, laid);
        Assert.Equal(truth.Length, correlations.Count);
        Assert.All(correlations, x =>
        {
            var isInDoubt = laid.Single(record => record.Record.RequestId == x.RequestId).StartIsInDoubt;
            Assert.Equal(isInDoubt ? (Verdict.Inconclusive, null) : (Verdict.Healthy, int.Parse(x.RequestId.Text, CultureInfo.InvariantCulture)),
                (x.Finding.Verdict, x.ClientExchange?.Ordinal));
            Assert.Equal(isInDoubt, x.Finding.Reason?.Contains("set back", StringComparison.Ordinal) == true);
        });
    }

    [Fact]
    public void A_record_alone_is_placed_where_its_connection_was_at_work()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(2_000).Close(2_100);
        var truth = c.ClientRecord(1, 19, 6);

        // Set back by 1.9 s at 1 s: the first exchange's wall time comes again when nothing happens, and the connection is closed at the end.
        var laid = Records(c, [truth], -1_900_000_000, 1_000_000_000);

        Assert.Equal(truth.StartNs, Assert.Single(laid).StartNs);
    }

    [Fact]
    public void Where_events_were_lost_silence_rules_nothing_out()
    {
        var c = new Conversation().Open(10, 9).Exchange(20).Exchange(2_000);
        c.Events.Add(new KernelEvent { Type = KernelEventType.Lost, SinceNs = 1_800_000_000, TimestampNs = 1_950_000_000, LostEvents = 3 });

        var laid = Records(c, [c.ClientRecord(1, 19, 6)], -1_850_000_000, 1_000_000_000);

        Assert.True(Assert.Single(laid) is { StartIsInDoubt: true, StartNs: null });
    }

    [Fact]
    public void Each_record_is_fetched_once_and_not_before_its_time_has_come()
    {
        var c = new Conversation().Open(10, 9);
        var records = new List<RequestRecord>();
        for (var i = 0; i < 3_000; i++)
        {
            c.Exchange(20 + (10 * i));
            var timed = c.ClientRecord(i + 1, 19 + (10 * i), 6);
            records.Add(timed.Record with { StartUnixNs = Unix(timed.StartNs!.Value, 0) });
        }

        var source = new CountingSource(records);
        var reached = long.MinValue;
        foreach (var input in OfflineInput.Lay([new HostRecording(c.Events.Select(e => (e, Unix((long)e.TimestampNs, 0))), [source])], PlainPipeline.Settings))
        {
            if (input is KernelInput { Batch: var batch })
            {
                reached = Math.Max(reached, batch.Events[^1].ToldNs);
                batch.Dispose();
            }

            // One record is looked at ahead, and a batch of 1,024 events is on its way.
            Assert.InRange(source.Fetched, 0, records.FindLastIndex(record => record.StartUnixNs <= Unix(Math.Max(reached, 0), 0)) + 600);
        }

        Assert.Equal(records.Count, source.Fetched);
    }

    [Fact]
    public void A_history_of_both_offsets_gives_each_time_its_own()
    {
        var clock = new ClockHistory(new ClockOffset(0, BootUnixNs, 0));
        clock.Add(new ClockOffset(StepAtNs, Unix(StepAtNs, 2_000_000_000), 0));

        foreach (var monotonic in new[] { 0, StepAtNs - 1, StepAtNs, StepAtNs * 2 })
            Assert.Equal(monotonic, clock.ToMonotonicNs(Unix(monotonic, 2_000_000_000)));
    }

    private sealed class CountingSource(IReadOnlyList<RequestRecord> records) : RecordSource
    {
        internal int Fetched { get; private set; }

        public override int Count => records.Count;

        public override RequestRecord this[int index]
        {
            get
            {
                Fetched++;
                return records[index];
            }
        }

        public override (long? StartUnixNs, long DurationNs) TimeOf(int index) => (records[index].StartUnixNs, records[index].DurationNs);
    }

    /// <summary>A request every 100 ms, of which the clock, set back after the tenth, repeats some.</summary>
    private static (Conversation Conversation, TimedRecord[] Truth) Busy()
    {
        var c = new Conversation().Open(10, 9);
        var truth = new List<TimedRecord>();
        for (var i = 0; i < 20; i++)
        {
            c.Exchange(100 + (100 * i));
            truth.Add(c.ClientRecord(i + 1, 99 + (100 * i), 6));
        }

        return (c, [.. truth]);
    }

    private static TimedRecord[] Records(Conversation c, IEnumerable<TimedRecord> truth, long stepNs, long stepAtNs = BusyStepAtNs) =>
        [.. OfflineInput.Lay(
                c.Events.Select(e => (e, Unix((long)e.TimestampNs, stepNs, stepAtNs))),
                [.. truth.Select(record => record.Record with { StartUnixNs = Unix(record.StartNs!.Value, stepNs, stepAtNs) })],
                PlainPipeline.Settings)
            .OfType<RecordInput>().SelectMany(input => input.Records)];

    private static long Unix(long monotonicNs, long stepNs, long stepAtNs = StepAtNs) =>
        BootUnixNs + monotonicNs + (monotonicNs >= stepAtNs ? stepNs : 0);
}
