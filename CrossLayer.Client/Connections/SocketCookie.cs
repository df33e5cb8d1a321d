using System.Net.Sockets;

namespace CrossLayer.Client.Connections;

/// <summary>The kernel's cookie of a socket: unique on the host for as long as it runs (SO_COOKIE, Linux 4.12).</summary>
internal static class SocketCookie
{
    // asm-generic/socket.h
    private const int SolSocket = 1;
    private const int SoCookie = 57;

    /// <summary>The cookie, or null where the system does not give one.</summary>
    public static ulong? Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        try
        {
            return socket.GetRawSocketOption(SolSocket, SoCookie, cookie) == cookie.Length
                ? BitConverter.ToUInt64(cookie)
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}
