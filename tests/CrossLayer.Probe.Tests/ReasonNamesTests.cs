using System.Net;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Probe.Native;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Names that only the running kernel can tell.</summary>
public sealed class ReasonNamesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Names_are_read_from_enums_of_32_and_of_64_bits_without_the_kernels_prefix(bool wide)
    {
        using var btf = Btf.Parse(BtfOf(
            wide,
            ("skb_drop_reason", [("SKB_NOT_DROPPED_YET", 0), ("SKB_CONSUMED", 1), ("SKB_DROP_REASON_NO_SOCKET", 77), ("SKB_DROP_REASON_MAX", 78)]),
            ("sk_rst_reason", [("SK_RST_REASON_NOT_SPECIFIED", 0), ("SK_RST_REASON_NO_SOCKET", 5)])));

        var names = ReasonNames.Of(btf);

        Assert.Equal("NO_SOCKET", names.Of(Event(KernelEventType.Drop, 77)));
        Assert.Equal("NO_SOCKET", names.Of(Event(KernelEventType.ResetSent, 5)));
        Assert.Null(names.Of(Event(KernelEventType.Drop, 5)));
        Assert.Null(names.Of(Event(KernelEventType.Drop, 1)));
        Assert.Null(names.Of(Event(KernelEventType.Drop, 78)));
        Assert.Null(names.Of(Event(KernelEventType.ResetSent, 0)));
        Assert.Null(names.Of(Event(KernelEventType.Missing, 5)));
    }

    [Fact]
    public void A_value_above_32_bits_breaks_nothing()
    {
        using var btf = Btf.Parse(BtfOf(true, ("sk_rst_reason", [("SK_RST_REASON_HUGE", 1L << 32 | 5), ("SK_RST_REASON_NO_SOCKET", 5)])));

        Assert.Equal("NO_SOCKET", ReasonNames.Of(btf).Of(Event(KernelEventType.ResetSent, 5)));
    }

    [Fact]
    public void A_kernel_without_the_enums_has_no_names()
    {
        using var btf = Btf.Parse(BtfOf(false, ("other", [("OTHER", 1)])));

        Assert.Null(ReasonNames.Of(btf).Of(Event(KernelEventType.Drop, 1)));
        Assert.Null(ReasonNames.None.Of(Event(KernelEventType.Drop, 1)));
    }

    [RequiresKernelFact]
    public async Task A_connection_to_a_closed_port_is_dropped_and_reset_because_there_is_no_socket()
    {
        // Bound, so that the port stays free, but not listening.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var target = (IPEndPoint)bound.LocalEndPoint!;
        await using var recording = Recording.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [(ushort)target.Port] } });
        using (var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
            Assert.Throws<SocketException>(() => client.Connect(target));
        recording.WaitFor(1, KernelEventType.Connect);

        var events = await recording.StopWithoutLossAsync();

        // Before Linux 6.10 the kernel does not say why it sends a reset.
        using var kernel = Btf.OfKernel()!;
        var expected = kernel.Enum("sk_rst_reason").Count > 0 ? "NO_SOCKET" : null;
        Assert.Equal(expected, recording.Reasons.Of(Assert.Single(events, e => e.Type == KernelEventType.ResetSent)));
        Assert.Contains(events, e => e.Type == KernelEventType.Drop && recording.Reasons.Of(in e) == "NO_SOCKET");
    }

    [RequiresKernelFact]
    public void States_have_the_kernels_numbers()
    {
        using var kernel = Btf.OfKernel()!;
        var states = kernel.EnumHolding("TCP_ESTABLISHED");

        foreach (var state in Enum.GetValues<TcpState>().Except([TcpState.None]))
            Assert.Equal(state.ToString(), states[(uint)state]["TCP_".Length..].Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
    }

    private static KernelEvent Event(KernelEventType type, uint reason) => new() { Type = type, Reason = reason };

    /// <summary>A section <c>.BTF</c> (Documentation/bpf/btf.rst) that holds these enums.</summary>
    private static byte[] BtfOf(bool wide, params (string Name, (string Name, long Value)[] Values)[] enums)
    {
        using var types = new MemoryStream();
        using var type = new BinaryWriter(types);
        using var names = new MemoryStream();
        names.WriteByte(0);
        foreach (var (name, values) in enums)
        {
            type.Write(NameAt(name));
            type.Write((wide ? 19u : 6u) << 24 | (uint)values.Length);
            type.Write(wide ? 8u : 4u);
            foreach (var (valueName, value) in values)
            {
                type.Write(NameAt(valueName));
                type.Write((uint)value);
                if (wide)
                    type.Write((uint)(value >> 32));
            }
        }

        using var section = new MemoryStream();
        using var writer = new BinaryWriter(section);
        writer.Write((ushort)0xeb9f);
        writer.Write((byte)1);
        writer.Write((byte)0);
        writer.Write(24u);
        writer.Write(0u);
        writer.Write((uint)types.Length);
        writer.Write((uint)types.Length);
        writer.Write((uint)names.Length);
        writer.Write(types.ToArray());
        writer.Write(names.ToArray());
        return section.ToArray();

        uint NameAt(string text)
        {
            var at = (uint)names.Length;
            names.Write(Encoding.ASCII.GetBytes(text));
            names.WriteByte(0);
            return at;
        }
    }
}
