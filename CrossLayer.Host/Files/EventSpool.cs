using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>Kernel events with their wall times that are read from a file once, and then as often as they are needed, as they lie in memory.</summary>
internal sealed class EventSpool : IDisposable
{
    private const int ReadEvents = 256;

    private readonly SpoolFile _file;

    private EventSpool(SpoolFile file) => _file = file;

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>Events that they say were lost.</summary>
    public long Lost { get; private set; }

    /// <summary>Events of the kernel among them.</summary>
    public long Seen { get; private set; }

    /// <summary>Takes events in.</summary>
    /// <param name="events">They; enumerated once.</param>
    /// <param name="folder">Where there is room for them, 200 bytes for each.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    /// <exception cref="IOException">A write failed.</exception>
    public static EventSpool Fill(IEnumerable<DatedKernelEvent> events, string folder)
    {
        var spool = new EventSpool(SpoolFile.Create(folder));
        try
        {
            foreach (var dated in events)
                spool.Add(in dated);
            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    /// <summary>All of them, in the order of the file. One enumeration at a time.</summary>
    public IEnumerable<(KernelEvent Event, long UnixNs)> ReadAll()
    {
        var part = new Stored[ReadEvents];
        for (var first = 0L; first < Count; first += part.Length)
        {
            var count = (int)Math.Min(part.Length, Count - first);
            var size = Unsafe.SizeOf<Stored>();
            _file.Read(first * size, count * size).CopyTo(MemoryMarshal.AsBytes(part.AsSpan()));
            for (var i = 0; i < count; i++)
                yield return (part[i].Event, part[i].UnixNs);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Add(in DatedKernelEvent dated)
    {
        var stored = new Stored(dated.Event, dated.UnixNs);
        _file.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<Stored>(in stored)));
        Count++;
        Lost += dated.Event.LostEvents;
        Seen += dated.Event.IsOfKernel ? 1 : 0;
    }

    private readonly struct Stored(KernelEvent e, long unixNs)
    {
        public readonly KernelEvent Event = e;
        public readonly long UnixNs = unixNs;
    }
}
