using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// Kernel events in few bytes: the structs' 64-bit words by column, each as the difference to the same word of the socket's
/// event before it, its bytes by significance, and all that through Brotli. It knows nothing of the fields but the cookie
/// that tells sockets apart. Little-endian; the layout is that of <see cref="KernelEvent"/> under <see cref="LayoutVersion"/>.
/// </summary>
internal static class KernelEventPacker
{
    /// <summary>Stands for the struct's fields, their order and sizes: to be raised when one of them changes.</summary>
    public const uint LayoutVersion = 1;

    /// <summary>The most events that one row holds.</summary>
    public const int MaxEvents = 1 << 20;

    private const int WordBytes = sizeof(ulong);
    private const int Quality = 2;
    private const int Window = 22;

    private static readonly int TimeWord = (int)Marshal.OffsetOf<KernelEvent>(nameof(KernelEvent.TimestampNs)) / WordBytes;
    private static readonly int CookieWord = (int)Marshal.OffsetOf<KernelEvent>(nameof(KernelEvent.SocketCookie)) / WordBytes;

    /// <summary>Bytes of an event.</summary>
    public static int EventSize => Unsafe.SizeOf<KernelEvent>();

    private static int Words => EventSize / WordBytes;

    /// <summary>Packs events.</summary>
    public static byte[] Pack(ReadOnlySpan<KernelEvent> events)
    {
        if (events.Length == 0)
            return [];
        var size = events.Length * EventSize;
        var planes = ArrayPool<byte>.Shared.Rent(size);
        var packed = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(size));
        var before = ArrayPool<int>.Shared.Rent(events.Length);
        try
        {
            var words = MemoryMarshal.Cast<KernelEvent, ulong>(events);
            FindBefore(words, events.Length, before);
            for (var column = 0; column < Words; column++)
            {
                var plane = planes.AsSpan(column * events.Length * WordBytes, events.Length * WordBytes);
                for (var i = 0; i < events.Length; i++)
                {
                    var difference = words[(i * Words) + column] - Reference(words, before, column, i);
                    for (var b = 0; b < WordBytes; b++)
                        plane[(b * events.Length) + i] = (byte)(difference >> (8 * b));
                }
            }

            if (!BrotliEncoder.TryCompress(planes.AsSpan(0, size), packed, out var written, Quality, Window))
                throw new InvalidOperationException($"{events.Length} kernel events could not be compressed");
            return packed.AsSpan(0, written).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
            ArrayPool<byte>.Shared.Return(packed);
            ArrayPool<int>.Shared.Return(before);
        }
    }

    /// <summary>Unpacks as many events as were packed.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those of so many events.</exception>
    public static KernelEvent[] Unpack(ReadOnlySpan<byte> packed, int count)
    {
        if (count is < 0 or > MaxEvents)
            throw new InvalidDataException($"it tells of {count} kernel events in one row");
        if (count == 0)
            return [];
        var size = count * EventSize;
        var planes = Brotli.TryRent(packed, size)
            ?? throw new InvalidDataException($"it does not hold {count} kernel events of {EventSize} bytes");
        var before = ArrayPool<int>.Shared.Rent(count);
        try
        {
            var events = new KernelEvent[count];
            var words = MemoryMarshal.Cast<KernelEvent, ulong>(events.AsSpan());
            Restore(CookieWord, planes, words, before, count);
            FindBefore(words, count, before);
            for (var column = 0; column < Words; column++)
                if (column != CookieWord)
                    Restore(column, planes, words, before, count);
            return events;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
            ArrayPool<int>.Shared.Return(before);
        }
    }

    private static void Restore(int column, byte[] planes, Span<ulong> words, int[] before, int count)
    {
        var plane = planes.AsSpan(column * count * WordBytes, count * WordBytes);
        for (var i = 0; i < count; i++)
        {
            ulong difference = 0;
            for (var b = 0; b < WordBytes; b++)
                difference |= (ulong)plane[(b * count) + i] << (8 * b);
            words[(i * Words) + column] = difference + Reference(words, before, column, i);
        }
    }

    /// <summary>What a word is told as the difference to: time grows over all sockets, the rest over one.</summary>
    private static ulong Reference(ReadOnlySpan<ulong> words, int[] before, int column, int i)
    {
        if (i == 0)
            return 0;
        var reference = column == TimeWord || column == CookieWord ? i - 1 : before[i];
        return words[(reference * Words) + column];
    }

    /// <summary>For each event the one before it of the same socket; the one before it of any, if there is none.</summary>
    private static void FindBefore(ReadOnlySpan<ulong> words, int count, int[] before)
    {
        var last = new Dictionary<ulong, int>();
        for (var i = 0; i < count; i++)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(last, words[(i * Words) + CookieWord], out var exists);
            before[i] = exists ? known : i - 1;
            known = i;
        }
    }
}
