using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossLayer.Probe.Native;

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
    private const int EventsPerPublish = 1024;

    private readonly int _fd;
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
        _fd = fd;
        _mask = size - 1;
        _consumerPage = new MappedMemory(fd, page, LibC.ProtRead | LibC.ProtWrite, 0);
        try
        {
            _producerPages = new MappedMemory(fd, page + 2 * (nuint)size, LibC.ProtRead, (nint)page);
        }
        catch
        {
            _consumerPage.Dispose();
            throw;
        }

        _consumerPosition = (ulong*)_consumerPage.Pointer;
        _producerPosition = (ulong*)_producerPages.Pointer;
        _data = _producerPages.Pointer + page;
    }

    /// <summary>Its size.</summary>
    internal ulong Bytes => _mask + 1;

    /// <summary>Bytes written and not given back yet; may be asked by any thread.</summary>
    internal ulong UsedBytes
    {
        get
        {
            var consumed = Volatile.Read(ref *_consumerPosition); // first: it never overtakes the other
            return Volatile.Read(ref *_producerPosition) - consumed;
        }
    }

    /// <summary>Sleeps until the kernel signals a backlog or the time is over.</summary>
    internal void Wait(int timeoutMs)
    {
        var poll = new LibC.PollFd { Fd = _fd, Events = LibC.PollIn };
        if (LibC.poll(&poll, 1, timeoutMs) < 0 && Marshal.GetLastPInvokeError() is var error and not LibC.Eintr)
            throw new ProbeException($"waiting for the ring buffer failed: {LibBpf.Describe(error)}");
    }

    /// <summary>
    /// Copies records out, up to the room there is or to the first that is still being written. Their space is given
    /// back in large steps: each step moves a cache line that the producers read.
    /// </summary>
    /// <returns>How many events were copied.</returns>
    internal int Read(Span<KernelEvent> target)
    {
        var consumer = *_consumerPosition;
        var producer = Volatile.Read(ref *_producerPosition);
        var count = 0;
        while (consumer < producer && count < target.Length)
        {
            var record = _data + (consumer & _mask);
            var length = Volatile.Read(ref *(uint*)record);
            if ((length & BusyBit) != 0)
                break;
            var payload = length & ~DiscardBit;
            if ((length & DiscardBit) == 0)
            {
                target[count] = Unsafe.ReadUnaligned<KernelEvent>(record + HeaderBytes);
                if (++count % EventsPerPublish == 0)
                    Volatile.Write(ref *_consumerPosition, consumer);
            }

            consumer += (payload + HeaderBytes + 7) & ~7u;
        }

        Volatile.Write(ref *_consumerPosition, consumer);
        return count;
    }

    public void Dispose()
    {
        _producerPages.Dispose();
        _consumerPage.Dispose();
    }
}
