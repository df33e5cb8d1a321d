using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace CrossLayer.Probe;

/// <summary>
/// One fact from the kernel about one socket at one time: <c>struct crosslayer_event</c> of bpf/crosslayer_event.h,
/// field for field, which also says what each field means. A test compares the two layouts.
/// </summary>
/// <remarks>
/// Stream offsets count payload bytes from the connection's start, without SYN and FIN; for a socket older than the
/// probe (<see cref="SocketRole.Unknown"/>) the sent stream may count one more.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
#pragma warning disable CA1051, CS1591 // a mirror of the C struct: fields, documented in the header
public struct KernelEvent
{
    public ulong TimestampNs;
    public ulong SinceNs;
    public ulong SocketCookie;
    public ulong NetnsCookie;
    public ulong Written;
    public ulong Acked;
    public ulong Received;
    public ulong Copied;
    public ulong RangeStart;
    public ulong RwndLimitedNs;
    public ulong SndbufLimitedNs;
    public int Bytes;
    public uint Pid;
    public uint LostEvents;
    public uint SrttUs;
    public uint RttvarUs;
    public uint SndWnd;
    public uint RcvWnd;
    public uint TotalRetrans;
    public uint PacketsOut;
    public uint Mss;
    public uint Reason;
    public ushort Error;
    public ushort LocalPort;
    public ushort PeerPort;
    public KernelEventType Type;
    public SocketRole Role;
    public TcpState OldState;
    public TcpState NewState;
    public byte CaState;
    public StreamFlags Flags;
    public NetworkAddress LocalAddress;
    public NetworkAddress PeerAddress;
    public CommName Comm;

    /// <summary>This socket's end.</summary>
    public Endpoint Local
    {
        readonly get => new(LocalAddress, LocalPort);
        set => (LocalAddress, LocalPort) = value;
    }

    /// <summary>The other end.</summary>
    public Endpoint Peer
    {
        readonly get => new(PeerAddress, PeerPort);
        set => (PeerAddress, PeerPort) = value;
    }

    /// <summary>When the kernel told of it, CLOCK_MONOTONIC nanoseconds: what a summary stands for had happened before.</summary>
    public readonly long ToldNs => (long)((Flags & StreamFlags.Summarised) != 0 ? SinceNs : TimestampNs);

    /// <summary>True for what the kernel saw; false for what was made in user space.</summary>
    public readonly bool IsOfKernel => Type is not (KernelEventType.None or KernelEventType.Lost or KernelEventType.Missing);

    /// <summary><see cref="KernelEventType.Missing"/>: the type that the hooks do not tell of.</summary>
    public KernelEventType MissingType
    {
        readonly get => Reason <= byte.MaxValue ? (KernelEventType)Reason : KernelEventType.None;
        set => Reason = (uint)value;
    }
}
#pragma warning restore CA1051, CS1591

/// <summary>A process's name as the kernel keeps it: up to 15 bytes and a NUL (TASK_COMM_LEN).</summary>
[InlineArray(16)]
public struct CommName
{
    private byte _first;

    /// <summary>Encodes a name, cut at 15 bytes.</summary>
    public static CommName From(ReadOnlySpan<char> name)
    {
        CommName comm = default;
        Span<byte> bytes = comm;
        Encoding.UTF8.GetEncoder().Convert(name, bytes[..15], true, out _, out _, out _);
        return comm;
    }

    /// <summary>The bytes before the first NUL.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Name
    {
        get
        {
            ReadOnlySpan<byte> bytes = this;
            var end = bytes.IndexOf((byte)0);
            return end < 0 ? bytes : bytes[..end];
        }
    }

    /// <inheritdoc/>
    public override readonly string ToString() => Encoding.UTF8.GetString(Name);
}
