using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CrossLayer.Probe.Native;

/// <summary>
/// What may be changed while the programs run: <c>struct crosslayer_settings</c> of bpf/crosslayer_settings.h, field for field. A test
/// compares the two layouts.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelSettings
{
    internal PortBits Ports;
    internal PortBits LocalPorts;
    internal NetnsCookies Netns;
    internal CgroupIds Cgroups;
    internal uint Pid;
    internal byte AnyPort;
    internal byte AnyLocalPort;
    internal byte NetnsCount;
    internal byte CgroupCount;
    internal byte Summarise;
    internal byte Chosen;
    internal Unused Padding;

    /// <summary>Sets all that a filter says; nothing is watched until all of it is set.</summary>
    internal void Set(ProbeFilter filter)
    {
        Chosen = AnyPort = AnyLocalPort = 0;
        Ports = LocalPorts = default;
        Interlocked.MemoryBarrier();
        for (var i = 0; i < filter.NetworkNamespaces.Count; i++)
            Netns[i] = filter.NetworkNamespaces[i];
        for (var i = 0; i < filter.ControlGroups.Count; i++)
            Cgroups[i] = new CgroupId { Id = filter.ControlGroups[i].Id, Level = (ulong)filter.ControlGroups[i].Level };
        Pid = filter.Pid;
        NetnsCount = (byte)filter.NetworkNamespaces.Count;
        CgroupCount = (byte)filter.ControlGroups.Count;
        Interlocked.MemoryBarrier();
        AnyLocalPort = Set(LocalPorts, filter.LocalPorts);
        Interlocked.MemoryBarrier();
        AnyPort = Set(Ports, filter.Ports);
        Interlocked.MemoryBarrier();
        Chosen = 1;
    }

    /// <returns>1 if none is listed, and so any is wanted.</returns>
    private static byte Set(Span<ulong> bits, IReadOnlyList<ushort> ports)
    {
        foreach (var port in ports)
            bits[port >> 6] |= 1UL << (port & 63);
        return ports.Count == 0 ? (byte)1 : (byte)0;
    }

    /// <summary>A bit for each port.</summary>
    [InlineArray(1024)]
    internal struct PortBits
    {
        private ulong _first;
    }

    [InlineArray(6)]
    internal struct Unused
    {
        private byte _first;
    }

    [InlineArray(ProbeFilter.MaxNetworkNamespaces)]
    internal struct NetnsCookies
    {
        private ulong _first;
    }

    [InlineArray(ProbeFilter.MaxControlGroups)]
    internal struct CgroupIds
    {
        private CgroupId _first;
    }

    /// <summary><c>struct crosslayer_cgroup</c>.</summary>
    internal struct CgroupId
    {
        internal ulong Id;
        internal ulong Level;
    }
}

/// <summary>The settings of programs that are loaded, changed without a system call.</summary>
internal sealed unsafe class MappedSettings : IDisposable
{
    /// <summary>The map's name in the BPF object.</summary>
    internal const string Map = ".data.settings";

    private readonly MappedMemory _memory;

    /// <exception cref="ProbeException">The map could not be mapped.</exception>
    internal MappedSettings(int fd)
    {
        var page = Environment.SystemPageSize;
        _memory = new MappedMemory(fd, (nuint)((sizeof(KernelSettings) + page - 1) & -page), LibC.ProtRead | LibC.ProtWrite, 0);
    }

    private KernelSettings* Settings => (KernelSettings*)_memory.Pointer;

    /// <summary>Exchanges are told of in summaries.</summary>
    internal bool Summarises
    {
        get => Volatile.Read(ref Settings->Summarise) != 0;
        set => Volatile.Write(ref Settings->Summarise, value ? (byte)1 : (byte)0);
    }

    internal void Set(ProbeFilter filter) => Settings->Set(filter);

    public void Dispose() => _memory.Dispose();
}
