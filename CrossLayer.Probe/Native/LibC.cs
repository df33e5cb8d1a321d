using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Probe.Native;

/// <summary>The few calls of libc that .NET does not offer.</summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    internal const int ProtRead = 1;
    internal const int ProtWrite = 2;
    internal const int MapShared = 1;
    internal const uint EpollIn = 1; // EPOLLIN
    internal const uint EpollEdge = 1u << 31; // EPOLLET
    internal const int EpollAdd = 1; // EPOLL_CTL_ADD
    internal const int EpollCloseOnExec = 0x80000; // EPOLL_CLOEXEC
    internal const int ClockMonotonicCoarse = 6;
    internal const int Eperm = 1;
    internal const int Eintr = 4;
    internal const int Eacces = 13;

    internal const int SetFdFlags = 2; // F_SETFD
    internal const int CloseOnExec = 1; // FD_CLOEXEC
    internal const int DropBounding = 24; // PR_CAPBSET_DROP
    internal const int NoNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS
    internal const int Ambient = 47; // PR_CAP_AMBIENT
    internal const int AmbientClearAll = 4; // PR_CAP_AMBIENT_CLEAR_ALL
    internal const uint CapabilityVersion3 = 0x20080522; // _LINUX_CAPABILITY_VERSION_3
    internal const int CurrentFolder = -100; // AT_FDCWD
    internal const int Readable = 4; // R_OK
    internal const int EffectiveIds = 0x200; // AT_EACCESS

    internal static readonly nint MapFailed = -1;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library)]
    internal static partial int munmap(nint address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial SafeFileHandle epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_ctl(SafeFileHandle epoll, int operation, int fd, EpollEvent* wanted);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int epoll_wait(SafeFileHandle epoll, EpollEvent* events, int most, int timeoutMs);

    [LibraryImport(Library)]
    internal static partial int vsnprintf(byte* buffer, nuint size, byte* format, nint arguments);

    [LibraryImport(Library)]
    internal static partial int clock_getres(int clock, TimeSpec* resolution);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fcntl(int fd, int command, int argument);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nint two, nint three, nint four, nint five);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint syscall(nint number, nint one, nint two, nint three);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int faccessat(int folder, string path, int mode, int flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int execve(byte* path, byte** arguments, byte** environment);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint wanted, StatX* result);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statfs(string path, StatFs* result);

    /// <summary>The number of a file or folder within its file system; 0 if it cannot be told.</summary>
    internal static ulong InodeOf(string path)
    {
        const uint inode = 0x100; // STATX_INO
        StatX result;
        return statx(CurrentFolder, path, 0, inode, &result) == 0 ? result.Inode : 0;
    }

    /// <summary>True for what lies in a cgroup2 file system.</summary>
    internal static bool IsControlGroup(string path)
    {
        const long magic = 0x63677270; // CGROUP2_SUPER_MAGIC
        StatFs result;
        return statfs(path, &result) == 0 && result.Type == magic;
    }

    /// <summary>Numbers of system calls that libc wraps for all threads, or not at all.</summary>
    internal static class Numbers
    {
        private static readonly bool s_isArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

        internal static nint Capset => s_isArm64 ? 91 : 126;

        internal static nint Setresuid => s_isArm64 ? 147 : 117;

        internal static nint Setresgid => s_isArm64 ? 149 : 119;

        internal static nint Setgroups => s_isArm64 ? 159 : 116;
    }

    /// <summary><c>struct __user_cap_header_struct</c>; pid 0 is the calling thread.</summary>
    internal struct CapabilityHeader
    {
        internal uint Version;
        internal int Pid;
    }

    /// <summary><c>struct __user_cap_data_struct</c>: 32 capabilities.</summary>
    internal struct CapabilitySet
    {
        internal uint Effective;
        internal uint Permitted;
        internal uint Inheritable;
    }

    /// <summary><c>struct epoll_event</c>: 12 bytes or 16, by machine; what follows the events is not used.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal struct EpollEvent
    {
        internal uint Events;
    }

    /// <summary><c>struct statx</c>, of which one field is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(32)]
        internal ulong Inode;
    }

    /// <summary><c>struct statfs</c>, of which one field is read.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct StatFs
    {
        internal long Type;
    }

    internal struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
