using System.Buffers;
using System.IO.Compression;

namespace CrossLayer.Actors.Recording;

/// <summary>Decompresses what tells of its own size. Memory follows what the bytes hold: a size that is not true costs none.</summary>
internal static class Brotli
{
    // Rows of real traffic shrink to a fifth up to a twentieth.
    private const long UsualRatio = 64;
    private const int LeastBytes = 4096;

    /// <summary>Decompresses.</summary>
    /// <param name="packed">Compressed.</param>
    /// <param name="size">The bytes there should be.</param>
    /// <returns>An array of the shared pool, at least so large, that is the caller's to return; null where there are not exactly so many bytes.</returns>
    public static byte[]? TryRent(ReadOnlySpan<byte> packed, int size)
    {
        using var decoder = new BrotliDecoder();
        var bytes = ArrayPool<byte>.Shared.Rent((int)Math.Min(size, Math.Max(LeastBytes, packed.Length * UsualRatio)));
        var written = 0;
        while (true)
        {
            var room = bytes.AsSpan(written, Math.Min(size, bytes.Length) - written);
            var status = decoder.Decompress(packed, room, out var consumed, out var more);
            packed = packed[consumed..];
            written += more;
            if (status == OperationStatus.Done && written == size)
                return bytes;
            if (status != OperationStatus.DestinationTooSmall || bytes.Length >= size)
            {
                ArrayPool<byte>.Shared.Return(bytes);
                return null;
            }

            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(size, bytes.Length * 2L));
            bytes.AsSpan(0, written).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(bytes);
            bytes = larger;
        }
    }
}
