using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>Which file it is, whatever its name: device and inode.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int NoEntry = 2; // ENOENT
    private const int NoFolder = 20; // ENOTDIR
    private const int NotPermitted = 1; // EPERM
    private const int AccessDenied = 13; // EACCES
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint BasicStats = 0x7ff; // STATX_BASIC_STATS
    private const int FileType = 0xf000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG

    /// <summary>The file that a name leads to, and its size; null where there is none.</summary>
    /// <exception cref="IOException">It is no regular file, or cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder on the way may not be entered.</exception>
    public static (FileIdentity Identity, long Size)? Of(string path)
    {
        if (StatusOf(CurrentFolder, path, 0, BasicStats, out var status) == 0)
            return Regular(status, path);
        var error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoEntry or NoFolder => null,
            NotPermitted or AccessDenied => throw new UnauthorizedAccessException(new Win32Exception(error).Message),
            _ => throw new IOException(new Win32Exception(error).Message),
        };
    }

    /// <summary>The file that is open, and its size.</summary>
    /// <exception cref="IOException">It is no regular file.</exception>
    public static (FileIdentity Identity, long Size) Of(SafeFileHandle file)
    {
        if (StatusOf(file, "", EmptyPath, BasicStats, out var status) == 0)
            return Regular(status, "the open file");
        throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    private static (FileIdentity Identity, long Size) Regular(in Status status, string name) => (status.Mode & FileType) == RegularFile
        ? (new FileIdentity(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode), (long)status.Size)
        : throw new IOException($"{name} is no regular file");

    [DllImport("libc", EntryPoint = "statx", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusOf(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Status status);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatusOf(SafeFileHandle folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Status status);

    // struct statx of linux/stat.h: the same on all architectures.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
