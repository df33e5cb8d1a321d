using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CrossLayer.Probe.Native;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Probe.Ring;

/// <summary>
/// A BPF ring buffer read through its mapped pages: consumer position (read and write), producer position and data
/// (read only; data is mapped twice in a row, so that no record wraps). Layout and protocol: kernel/bpf/ringbuf.c,
/// Documentation/bpf/ringbuf.rst. Not safe for more than one thread.
/// </summary>
internal sealed unsafe class MappedRing : IDisposable
{
    private const uint BusyBit = 1u << 31;
    private const uint DiscardBit = 1u << 30;
    private const int HeaderBytes = 8;
    private const int RecordsPerPublish = 1024;

    private readonly SafeFileHandle _wakeups;
    private readonly MappedMemory _consumerPage;
    private readonly MappedMemory _producerPages;
    private readonly ulong* _consumerPosition;
    private readonly ulong* _producerPosition;
    private readonly byte* _data;
    private readonly ulong _mask;

    /// <exception cref="ProbeException">The map could not be mapped.</exception>
    internal MappedRing(int fd, uint size)
    {
        var page = (nuint)Environment.SystemPageSize;
        _mask = size - 1;
        _consumerPage = new MappedMemory(fd, page, LibC.ProtRead | LibC.ProtWrite, 0);
        try
        {
            _producerPages = new MappedMemory(fd, page + 2 * (nuint)size, LibC.ProtRead, (nint)page);
            _wakeups = WakeupsOf(fd);
        }
        catch
        {
            _producerPages?.Dispose();
            _consumerPage.Dispose();
            throw;
        }

        _consumerPosition = (ulong*)_consumerPage.Pointer;
        _producerPosition = (ulong*)_producerPages.Pointer;
        _data = _producerPages.Pointer + page;
    }

    /// <summary>Its size.</summary>
    internal ulong Bytes => _mask + 1;

    /// <summary>The last read came to where the kernel had come to when it began: what it left has its place since then.</summary>
    internal bool IsRead { get; private set; } = true;

    /// <summary>Bytes written and not given back yet; may be asked by any thread.</summary>
    internal ulong UsedBytes
    {
        get
        {
            var consumed = Volatile.Read(ref *_consumerPosition); // first: it never overtakes the other
            return Volatile.Read(ref *_producerPosition) - consumed;
        }
    }

    /// <summary>Sleeps until the kernel signals a backlog or the time is over, whatever the ring holds meanwhile.</summary>
    /// <returns>True if a backlog was signalled.</returns>
    internal bool Wait(int timeoutMs)
    {
        LibC.EpollEvent signalled;
        var count = LibC.epoll_wait(_wakeups, &signalled, 1, timeoutMs);
        if (count < 0 && Marshal.GetLastPInvokeError() is var error and not LibC.Eintr)
            throw new ProbeException($"waiting for the ring buffer failed: {LibBpf.Describe(error)}");
        return count > 0;
    }

    /// <summary>
    /// By the edge: poll(2), and epoll by level, return at once while there is a single event, so that the reader would hardly
    /// ever sleep under load, and go after each.
    /// </summary>
    private static SafeFileHandle WakeupsOf(int fd)
    {
        var epoll = LibC.epoll_create1(LibC.EpollCloseOnExec);
        var wanted = new LibC.EpollEvent { Events = LibC.EpollIn | LibC.EpollEdge };
        if (!epoll.IsInvalid && LibC.epoll_ctl(epoll, LibC.EpollAdd, fd, &wanted) == 0)
            return epoll;
        var error = Marshal.GetLastPInvokeError();
        epoll.Dispose();
        throw new ProbeException($"cannot wait for the ring buffer: {LibBpf.Describe(error)}");
    }

    /// <summary>
    /// Copies events out, up to the room there is or to the first that is still being written; a summary becomes the events that it
    /// stands for. The space is given back in large steps: each step moves a cache line that the producers read.
    /// </summary>
    /// <param name="target">Where to. What a summary stands for needs room for <see cref="ExchangeRecord.MostEvents"/>.</param>
    /// <param name="records">How many records were read.</param>
    /// <returns>How many events they were.</returns>
    internal int Read(Span<KernelEvent> target, out int records)
    {
        var consumer = *_consumerPosition;
        var producer = Volatile.Read(ref *_producerPosition);
        var count = 0;
        records = 0;
        while (consumer < producer && count < target.Length)
        {
            var record = _data + (consumer & _mask);
            var length = Volatile.Read(ref *(uint*)record);
            if ((length & BusyBit) != 0)
                break;
            // By a constant: the processor goes on to the next record, and the one behind it, while it still waits for this one's length.
            if (length == (uint)sizeof(KernelEvent))
            {
                Copy(record + HeaderBytes, ref target[count++]);
                consumer += RoundedUp((uint)sizeof(KernelEvent));
            }
            else if (length == (uint)sizeof(ExchangeRecord))
            {
                if (target.Length - count < ExchangeRecord.MostEvents)
                    break;
                count += ((ExchangeRecord*)(record + HeaderBytes))->Expand(target[count..]);
                consumer += RoundedUp((uint)sizeof(ExchangeRecord));
            }
            else
            {
                consumer += RoundedUp(Discarded(length));
                continue;
            }

            if (++records % RecordsPerPublish == 0)
                Volatile.Write(ref *_consumerPosition, consumer);
        }

        Volatile.Write(ref *_consumerPosition, consumer);
        IsRead = consumer == producer;
        return count;
    }

    /// <summary>The size of a record that is neither an event nor an exchange.</summary>
    /// <exception cref="ProbeException">It was not discarded, either.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // seldom, and out of the loop's way
    private static uint Discarded(uint length) => (length & DiscardBit) != 0
        ? length & ~DiscardBit
        : throw new ProbeException($"the ring holds a record of {length} bytes: neither an event, of {sizeof(KernelEvent)}, nor an exchange, of {sizeof(ExchangeRecord)}");

    /// <summary>What a record takes in the ring, its header included.</summary>
    private static uint RoundedUp(uint payload) => (payload + HeaderBytes + 7) & ~7u;

    /// <summary>In vectors: of a size above 128 bytes, assigning the struct would be a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(byte* from, ref KernelEvent to)
    {
        ref var target = ref Unsafe.As<KernelEvent, byte>(ref to);
        var at = 0;
        for (; at + Vector256<byte>.Count <= sizeof(KernelEvent); at += Vector256<byte>.Count)
            Vector256.StoreUnsafe(Vector256.Load(from + at), ref target, (nuint)at);
        if (at < sizeof(KernelEvent))
            Unsafe.CopyBlockUnaligned(ref Unsafe.Add(ref target, at), ref from[at], (uint)(sizeof(KernelEvent) - at));
    }

    public void Dispose()
    {
        _wakeups.Dispose();
        _producerPages.Dispose();
        _consumerPage.Dispose();
    }
}
