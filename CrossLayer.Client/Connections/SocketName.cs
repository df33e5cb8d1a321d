using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CrossLayer.Client.Connections;

/// <summary>A socket's own end as the kernel has it (getsockname(2)); <see cref="Socket.LocalEndPoint"/> does not tell while it connects.</summary>
internal static class SocketName
{
    // bits/socket.h
    private const int AfInet = 2;
    private const int AfInet6 = 10;

    /// <summary>The end; null where the socket has no port.</summary>
    public static IPEndPoint? Of(Socket socket)
    {
        Span<byte> address = stackalloc byte[28];
        var length = address.Length;
        if (GetSocketName(socket.SafeHandle, ref MemoryMarshal.GetReference(address), ref length) != 0)
            return null;
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        if (port == 0)
            return null;
        return BitConverter.ToUInt16(address) switch
        {
            AfInet => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            AfInet6 => new IPEndPoint(new IPAddress(address.Slice(8, 16)), port),
            _ => null,
        };
    }

    [DllImport("libc", EntryPoint = "getsockname"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetSocketName(SafeSocketHandle socket, ref byte address, ref int length);
}
