using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CrossLayer.Host.Serving;

/// <summary>
/// Bytes that follow from a nonce alone: whoever knows it can tell whether a body is the one that was asked for, whole, and in order.
/// A counter through the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014); no secret.
/// </summary>
internal sealed class SignedBody(string nonce)
{
    private readonly ulong _seed = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(nonce)));

    /// <summary>Writes the bytes from a place on.</summary>
    public void Fill(long from, Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < bytes.Length;)
        {
            var (block, within) = Math.DivRem(from + i, sizeof(ulong));
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix(_seed + ((ulong)(block + 1) * 0x9E3779B97F4A7C15)));
            var part = word[(int)within..];
            part = part[..Math.Min(part.Length, bytes.Length - i)];
            part.CopyTo(bytes[i..]);
            i += part.Length;
        }
    }

    /// <summary>True if these are its bytes from that place on.</summary>
    public bool Has(long from, ReadOnlySpan<byte> bytes)
    {
        Span<byte> own = stackalloc byte[1024];
        for (var i = 0; i < bytes.Length; i += own.Length)
        {
            var part = own[..Math.Min(own.Length, bytes.Length - i)];
            Fill(from + i, part);
            if (!part.SequenceEqual(bytes.Slice(i, part.Length)))
                return false;
        }

        return true;
    }

    private static ulong Mix(ulong word)
    {
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return word ^ (word >> 31);
    }
}
