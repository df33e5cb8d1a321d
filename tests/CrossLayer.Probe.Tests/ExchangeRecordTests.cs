using CrossLayer.Probe.Ring;

namespace CrossLayer.Probe.Tests;

/// <summary>The events that a summary stands for.</summary>
public sealed class ExchangeRecordTests
{
    [Fact]
    public void A_call_each_way_and_its_acknowledgement_are_three_events()
    {
        var events = Expand(new ExchangeRecord
        {
            End = new KernelEvent { TimestampNs = 90, Role = SocketRole.Passive, SocketCookie = 7, Pid = 3, Written = 500, Copied = 120, Received = 120, Flags = StreamFlags.FinReceived },
            Summary = new ExchangeSummary
            {
                Request = Run(100, (10, 120), (10, 120)),
                Response = Run(400, (40, 500), (40, 500)),
                Acked = At(80, 500),
                AckedBefore = 400,
                LeastSrttUs = 5,
                MostSrttUs = 9,
            },
        });

        Assert.Equal(
            [
                (KernelEventType.Recv, 10ul, 20, 400ul, 400ul, 120ul),
                (KernelEventType.Send, 40, 100, 500, 400, 120),
                (KernelEventType.Acked, 80, 0, 500, 500, 120),
            ],
            events.Select(e => (e.Type, e.TimestampNs, e.Bytes, e.Written, e.Acked, e.Copied)));
        Assert.All(events, e => Assert.Equal((7ul, 3u, 90ul, StreamFlags.Summarised, 0ul, 90L), (e.SocketCookie, e.Pid, e.SinceNs, e.Flags, e.RangeStart, e.ToldNs)));
        Assert.Equal([5u, 5u, 9u], events.Select(e => e.SrttUs));
    }

    [Fact]
    public void Of_many_calls_the_first_the_last_and_those_around_the_longest_pause_remain()
    {
        var events = Expand(new ExchangeRecord
        {
            End = new KernelEvent { TimestampNs = 100, Role = SocketRole.Active, Received = 40, Copied = 30 },
            Summary = new ExchangeSummary
            {
                Request = Run(0, (10, 100), (60, 1000)),
                GapStart = At(20, 200),
                GapEnd = At(50, 700),
                Acked = At(65, 1000),
                Response = Run(0, (70, 10), (95, 30)),
            },
        });

        Assert.Equal([(10ul, 100), (20ul, 100), (50ul, 500), (60ul, 300)], events.Where(e => e.Type == KernelEventType.Send).Select(e => (e.TimestampNs, e.Bytes)));
        Assert.Equal([(70ul, 10, 10ul), (95ul, 20, 40ul)], events.Where(e => e.Type == KernelEventType.Recv).Select(e => (e.TimestampNs, e.Bytes, e.Received)));
        Assert.Equal([10ul, 20, 50, 60, 65, 70, 95], events.Select(e => e.TimestampNs));
        Assert.Equal([0ul, 0, 0, 0, 1000, 1000, 1000], events.Select(e => e.Acked));
    }

    [Fact]
    public void A_pause_between_the_first_call_and_the_last_adds_nothing()
    {
        var events = Expand(new ExchangeRecord
        {
            End = new KernelEvent { TimestampNs = 100, Role = SocketRole.Active },
            Summary = new ExchangeSummary { Request = Run(0, (10, 100), (60, 1000)), GapStart = At(10, 100), GapEnd = At(60, 1000) },
        });

        Assert.Equal([100, 900], events.Select(e => e.Bytes));
    }

    [Fact]
    public void Nothing_is_no_event() => Assert.Empty(Expand(new ExchangeRecord { End = new KernelEvent { Role = SocketRole.Passive } }));

    private static KernelEvent[] Expand(ExchangeRecord record)
    {
        var events = new KernelEvent[ExchangeRecord.MostEvents];
        return events[..record.Expand(events)];
    }

    private static StreamOffset At(ulong ns, ulong offset) => new() { Ns = ns, Offset = offset };

    private static CallRun Run(ulong start, (ulong Ns, ulong Offset) first, (ulong Ns, ulong Offset) last) =>
        new() { Start = start, First = At(first.Ns, first.Offset), Last = At(last.Ns, last.Offset) };
}
