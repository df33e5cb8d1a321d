using System.Runtime.CompilerServices;

namespace CrossLayer.Probe.Tests;

public sealed class KernelEventBatchTests
{
    [Fact]
    public void A_batch_returns_its_array_once()
    {
        var batch = new KernelEventBatch(64);
        batch.Dispose();
        batch.Dispose();

        using var first = new KernelEventBatch(64);
        using var second = new KernelEventBatch(64);

        Assert.False(Unsafe.AreSame(ref first.Free[0], ref second.Free[0]));
    }

    [Fact]
    public void The_events_of_a_returned_batch_cannot_be_read()
    {
        var batch = new KernelEventBatch([new KernelEvent { Bytes = 7 }], 9);
        Assert.Equal(7, batch.Events[0].Bytes);

        batch.Dispose();

        Assert.Throws<ObjectDisposedException>(() => batch.Events.Length);
    }

    [Fact]
    public void A_batch_holds_copies()
    {
        KernelEvent[] events = [new() { Bytes = 2 }, new() { Bytes = 3 }];
        using var batch = new KernelEventBatch(events, 5);

        events[0].Bytes = 11;

        Assert.Equal(2, batch.Count);
        Assert.Equal(5, batch.WatermarkNs);
        Assert.Equal(2, batch.Events[0].Bytes);
        Assert.Equal(3, batch.Events[1].Bytes);
    }

    [Fact]
    public void An_empty_batch_has_no_array_to_return()
    {
        var batch = new KernelEventBatch([], 5);

        Assert.True(batch.Events.IsEmpty);
        batch.Dispose();
        batch.Dispose();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("nginx", "nginx")]
    [InlineData("exactly fifteen", "exactly fifteen")]
    [InlineData("longer than fifteen bytes", "longer than fif")]
    [InlineData("fourteen bytesé", "fourteen bytes")]
    public void A_process_name_is_cut_at_15_bytes_between_characters(string name, string kept) =>
        Assert.Equal(kept, CommName.From(name).ToString());
}
