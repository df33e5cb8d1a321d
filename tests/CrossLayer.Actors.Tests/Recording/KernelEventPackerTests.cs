using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Tests.Histories;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Recording;

public class KernelEventPackerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(700)]
    public void Any_bytes_come_back_as_they_were(int count)
    {
        var events = new KernelEvent[count];
        new Random(count).NextBytes(MemoryMarshal.AsBytes(events.AsSpan()));
        for (var i = 0; i < count; i++)
            events[i].SocketCookie %= 5;

        Assert.Equal(Bytes(events), Bytes(KernelEventPacker.Unpack(KernelEventPacker.Pack(events), count)));
    }

    [Fact]
    public void Events_of_traffic_take_less_than_a_fifth()
    {
        var events = World.Of(Shape.KeptAlive, 3).Events.ToArray();

        Assert.InRange(KernelEventPacker.Pack(events).Length, 1, events.Length * KernelEventPacker.EventSize / 5);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public void Bytes_of_another_number_of_events_are_refused(int count)
    {
        var packed = KernelEventPacker.Pack(new KernelEvent[10]);

        Assert.Throws<InvalidDataException>(() => KernelEventPacker.Unpack(packed, count));
    }

    [Fact]
    public void Memory_follows_what_the_bytes_hold_and_not_what_they_tell_of()
    {
        var packed = KernelEventPacker.Pack(new KernelEvent[10]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<InvalidDataException>(() => KernelEventPacker.Unpack(packed, KernelEventPacker.MaxEvents));
        var batch = new Actors.Recording.Wire.InputBatch { EventLayout = KernelEventPacker.LayoutVersion, RecordsSize = 1 << 26, Records = Google.Protobuf.ByteString.CopyFrom(packed) };
        Assert.Throws<InvalidDataException>(batch.FromWire);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>If this fails, recordings that exist are read wrongly: raise <see cref="KernelEventPacker.LayoutVersion"/>.</summary>
    [Fact]
    public void The_layout_is_that_of_its_version()
    {
        var layout = string.Join(' ', typeof(KernelEvent).GetFields().Select(field => $"{field.Name}:{Marshal.OffsetOf<KernelEvent>(field.Name)}"));

        Assert.Equal(1u, KernelEventPacker.LayoutVersion);
        Assert.Equal(192, Unsafe.SizeOf<KernelEvent>());
        Assert.Equal("TimestampNs:0 SinceNs:8 SocketCookie:16 NetnsCookie:24 Written:32 Acked:40 Received:48 Copied:56 RangeStart:64 RwndLimitedNs:72 "
            + "SndbufLimitedNs:80 Bytes:88 Pid:92 LostEvents:96 SrttUs:100 RttvarUs:104 SndWnd:108 RcvWnd:112 TotalRetrans:116 PacketsOut:120 Mss:124 "
            + "Reason:128 Error:132 LocalPort:134 PeerPort:136 Type:138 Role:139 OldState:140 NewState:141 CaState:142 Flags:143 LocalAddress:144 "
            + "PeerAddress:160 Comm:176", layout);
    }

    private static byte[] Bytes(KernelEvent[] events) => MemoryMarshal.AsBytes(events.AsSpan()).ToArray();
}
