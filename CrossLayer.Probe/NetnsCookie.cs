using System.Net.Sockets;

namespace CrossLayer.Probe;

/// <summary>The number that kernel events know a network namespace by.</summary>
public static class NetnsCookie
{
    // asm-generic/socket.h
    private const int SolSocket = 1;
    private const int SoNetnsCookie = 71;

    /// <summary>The cookie of the namespace that the calling thread is in (SO_NETNS_COOKIE, Linux 5.14).</summary>
    /// <exception cref="ProbeException">The kernel does not tell.</exception>
    public static ulong Own()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        try
        {
            socket.GetRawSocketOption(SolSocket, SoNetnsCookie, cookie);
            return BitConverter.ToUInt64(cookie);
        }
        catch (SocketException exception)
        {
            throw new ProbeException($"the kernel gives no cookie of this network namespace (SO_NETNS_COOKIE, Linux 5.14): {exception.Message}", exception);
        }
    }
}
