using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace CrossLayer.Evaluation.Traffic;

/// <summary>What client and server have in common: a message's form, reading one in full, the clock, the cookie.</summary>
internal static class TrafficSocket
{
    // asm-generic/socket.h
    private const int SolSocket = 1;
    private const int SoCookie = 57;

    /// <summary>A message begins with its request's number, its own size, and that of the response wanted.</summary>
    internal const int HeaderBytes = 3 * sizeof(int);

    /// <summary>The kernel's cookie of the socket (SO_COOKIE).</summary>
    internal static ulong CookieOf(Socket socket)
    {
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        socket.GetRawSocketOption(SolSocket, SoCookie, cookie);
        return BitConverter.ToUInt64(cookie);
    }

    internal static void WriteHeader(Span<byte> message, int number, int responseBytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, number);
        BinaryPrimitives.WriteInt32LittleEndian(message[sizeof(int)..], message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message[(2 * sizeof(int))..], responseBytes);
    }

    internal static (int Number, int Bytes, int ResponseBytes) ReadHeader(ReadOnlySpan<byte> message) => (
        BinaryPrimitives.ReadInt32LittleEndian(message),
        BinaryPrimitives.ReadInt32LittleEndian(message[sizeof(int)..]),
        BinaryPrimitives.ReadInt32LittleEndian(message[(2 * sizeof(int))..]));

    /// <summary>Reads the rest of a message of which <paramref name="have"/> bytes are there.</summary>
    /// <exception cref="IOException">The peer closed before its end.</exception>
    internal static void ReadRest(Socket socket, byte[] buffer, int have, int want)
    {
        while (have < want)
        {
            var read = socket.Receive(buffer, have, want - have, SocketFlags.None);
            if (read == 0)
                throw new IOException($"the peer closed after {have} of {want} bytes of a message");
            have += read;
        }
    }

    /// <summary>The wall clock, in nanoseconds since the Unix epoch; its resolution here is 100 ns.</summary>
    internal static long UnixNs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>The time since the start of a measurement.</summary>
    internal static Measured Since(long startUnixNs, long started) => new(startUnixNs, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
}
