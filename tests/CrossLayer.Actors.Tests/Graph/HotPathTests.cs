using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Graph;
using CrossLayer.Probe;
using CrossLayer.Tests;

namespace CrossLayer.Actors.Tests.Graph;

/// <summary>What must not be paid for each kernel event: managed memory. Exact, not timed.</summary>
public sealed class HotPathTests
{
    private const int Events = 1000;

    [Fact]
    public void Ordering_and_spreading_events_allocates_for_a_batch_and_not_for_its_events()
    {
        var order = new EventOrder(4);
        var timeNs = 1UL;
        // Arrays grow, and code is compiled, while nothing is measured.
        for (var i = 0; i < 50; i++)
            Apply(2 * Events);

        var (small, large) = (long.MaxValue, long.MaxValue);
        for (var i = 0; i < 5; i++)
            (small, large) = (Math.Min(small, Apply(Events)), Math.Min(large, Apply(2 * Events)));

        Assert.Equal(small, large);
        Assert.InRange(small, 0, 1024);

        long Apply(int count)
        {
            var events = new KernelEvent[count];
            for (var i = 0; i < count; i++)
                events[i] = new KernelEvent { Type = KernelEventType.Send, TimestampNs = timeNs++, LocalPort = (ushort)(20_000 + (i % 64)), PeerPort = 8080, SocketCookie = 1 };
            var input = new KernelInput(new KernelEventBatch(events, (long)timeNs));
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var batch in order.Apply(input))
                batch.Dispose();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Events_within_an_exchange_allocate_nothing()
    {
        var conversation = new Conversation().Open(1, 0).ClientSends(2, 100);
        for (var i = 0; i < 6 * Events; i++)
            conversation.ServerSends(3 + (0.002 * i), 1000).ClientReads(3.001 + (0.002 * i), 1000);
        var events = conversation.Events.ToArray();
        var assembler = new ExchangeAssembler(PlainPipeline.Settings.ExchangeTimes, maxSockets: 100);
        var facts = new List<ConnectionFact>(16);
        const int rounds = 5;
        var next = events.Length - (rounds * Events);
        foreach (var e in events[..next])
            assembler.Apply(in e, facts);

        Assert.Equal(0, Allocated.ByEach(() =>
        {
            for (var end = next + Events; next < end; next++)
                assembler.Apply(in events[next], facts);
        }));
    }
}
