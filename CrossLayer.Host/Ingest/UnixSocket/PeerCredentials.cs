using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CrossLayer.Host.Ingest.UnixSocket;

/// <summary>Who connected to a Unix socket, as the kernel noted it then (SO_PEERCRED, unix(7)).</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Uid">Its user.</param>
internal readonly record struct PeerCredentials(int Pid, uint Uid)
{
    // asm-generic/socket.h; struct ucred: pid, uid, gid
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>Asks the kernel.</summary>
    /// <exception cref="SocketException">The system does not tell.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return new PeerCredentials(MemoryMarshal.Read<int>(credentials), MemoryMarshal.Read<uint>(credentials[4..]));
    }
}
