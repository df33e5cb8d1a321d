using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Akka.Configuration;

namespace CrossLayer.Host.Ingest.UnixSocket;

/// <summary>The file of a listening Unix socket: made for its user and group, removed at the end, and at the start where it was left behind.</summary>
internal static class SocketFile
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const int Backlog = 64;

    /// <summary>A socket that listens.</summary>
    /// <exception cref="ConfigurationException">Somebody listens there, something else is there, or it cannot be made.</exception>
    public static Socket Listen(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (OperatingSystem.IsWindows())
            throw Refusal(path, "needs Linux");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            var end = new UnixDomainSocketEndPoint(path);
            RemoveIfLeftBehind(path, end);
            socket.Bind(end);
            File.SetUnixFileMode(path, Mode); // nobody can connect before it listens
            socket.Listen(Backlog);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            throw Refusal(path, exception.Message, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void RemoveIfLeftBehind(string path, UnixDomainSocketEndPoint end)
    {
        if (TypeOf(path) is not { } type)
            return;
        if (type != FileType.Socket)
            throw Refusal(path, "something else than a socket is there; choose another path, or remove it");
        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            caller.Connect(end);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path); // its process is gone
            return;
        }

        throw Refusal(path, "another process listens there; stop it, or choose another path");
    }

    private static ConfigurationException Refusal(string path, string why, Exception? inner = null) =>
        new($"crosslayer.ingest.unix.path = {path}: {why}", inner);

    private enum FileType
    {
        Other,
        Socket,
    }

    // .NET does not tell sockets from files. struct statx: stx_mode is at 28; S_IFSOCK is 0xC000 of 0xF000 (statx(2), inode(7)).
    private static FileType? TypeOf(string path)
    {
        const int atFdCwd = -100, atSymlinkNoFollow = 0x100, statxType = 1;
        Span<byte> status = stackalloc byte[256];
        ReadOnlySpan<byte> name = Encoding.UTF8.GetBytes(path + '\0');
        if (Statx(atFdCwd, in MemoryMarshal.GetReference(name), atSymlinkNoFollow, statxType, ref MemoryMarshal.GetReference(status)) != 0)
            return null;
        return (MemoryMarshal.Read<ushort>(status[28..]) & 0xF000) == 0xC000 ? FileType.Socket : FileType.Other;
    }

    [DllImport("libc", EntryPoint = "statx"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int directory, in byte path, int flags, uint mask, ref byte status);
}
