using CrossLayer.Actors.Graph;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Graph;

public sealed class EventOrderTests
{
    [Fact]
    public void What_a_summary_stands_for_comes_together_when_it_was_told_and_is_not_late()
    {
        var order = new EventOrder(1);
        KernelEvent[] early = [Event(KernelEventType.Connect, 100), Event(KernelEventType.Drop, 900)];
        Assert.Equal([KernelEventType.Connect, KernelEventType.Drop], Released(order, early, 1000));

        // Told at 1500: what it stands for happened long before the watermark, and just before it was told.
        KernelEvent[] told = [Event(KernelEventType.Recv, 200, 1500), Event(KernelEventType.Send, 1490, 1500), Event(KernelEventType.Close, 1600)];
        Assert.Empty(Released(order, told, 1499));
        Assert.Equal([KernelEventType.Recv, KernelEventType.Send], Released(order, [], 1500));
        Assert.Equal([KernelEventType.Close], Released(order, [], 1600));
        Assert.Equal(0, order.Late);
    }

    private static KernelEvent Event(KernelEventType type, ulong ns, ulong toldNs = 0) => new()
    {
        Type = type,
        TimestampNs = ns,
        SinceNs = toldNs,
        Flags = toldNs > 0 ? StreamFlags.Summarised : StreamFlags.None,
    };

    private static List<KernelEventType> Released(EventOrder order, KernelEvent[] events, long watermarkNs)
    {
        var types = new List<KernelEventType>();
        foreach (var batch in order.Apply(new KernelInput(new KernelEventBatch(events, watermarkNs))))
            foreach (var e in batch.Events)
                types.Add(e.Type);
        return types;
    }
}
