using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>
/// Writes endpoints as files hold them, <c>127.0.0.1:8080</c> or <c>[::1]:8080</c>, without allocating. IPv6 addresses
/// are in the canonical form of RFC 5952.
/// </summary>
internal static class EndpointText
{
    /// <summary>The longest endpoint, in bytes.</summary>
    public const int MaxLength = 47;

    private const int GroupCount = 8;

    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    /// <summary>Writes the endpoint in ASCII.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Format(Endpoint endpoint, Span<byte> destination)
    {
        var address = endpoint.Address;
        var bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<NetworkAddress>(in address));
        var rest = destination;
        if (bytes.StartsWith(MappedPrefix))
            WriteIpv4(bytes[MappedPrefix.Length..], ref rest);
        else
            WriteIpv6(bytes, ref rest);
        Write(':', ref rest);
        Write(endpoint.Port, default, ref rest);
        return destination.Length - rest.Length;
    }

    private static void WriteIpv4(scoped ReadOnlySpan<byte> bytes, ref Span<byte> rest)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i > 0)
                Write('.', ref rest);
            Write(bytes[i], default, ref rest);
        }
    }

    private static void WriteIpv6(scoped ReadOnlySpan<byte> bytes, ref Span<byte> rest)
    {
        Span<ushort> groups = stackalloc ushort[GroupCount];
        for (var i = 0; i < GroupCount; i++)
            groups[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]);
        var (zeros, count) = LongestZeros(groups);

        Write('[', ref rest);
        for (var i = 0; i < GroupCount; i++)
        {
            if (i == zeros)
            {
                Write(':', ref rest);
                Write(':', ref rest);
                i += count - 1;
                continue;
            }

            if (i > 0 && i != zeros + count)
                Write(':', ref rest);
            Write(groups[i], "x", ref rest);
        }

        Write(']', ref rest);
    }

    // RFC 5952, 4.2: the first of the longest runs of two or more zero groups becomes "::".
    private static (int Start, int Count) LongestZeros(ReadOnlySpan<ushort> groups)
    {
        var (best, bestCount) = (-1, 1);
        for (var start = 0; start < groups.Length; start++)
        {
            var count = groups[start..].IndexOfAnyExcept((ushort)0);
            count = count < 0 ? groups.Length - start : count;
            if (count > bestCount)
                (best, bestCount) = (start, count);
        }

        return (best, best < 0 ? 0 : bestCount);
    }

    private static void Write(char character, ref Span<byte> rest)
    {
        rest[0] = (byte)character;
        rest = rest[1..];
    }

    private static void Write(ushort value, ReadOnlySpan<char> format, ref Span<byte> rest)
    {
        value.TryFormat(rest, out var written, format);
        rest = rest[written..];
    }
}
