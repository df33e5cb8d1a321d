using System.Runtime.InteropServices;

namespace CrossLayer.Probe.Native;

/// <summary>The few calls of libc that .NET does not offer.</summary>
internal static unsafe partial class LibC
{
    private const string Library = "libc";

    internal const int ProtRead = 1;
    internal const int ProtWrite = 2;
    internal const int MapShared = 1;
    internal const short PollIn = 1;
    internal const int ClockRealtime = 0;
    internal const int ClockMonotonic = 1;
    internal const int ClockMonotonicCoarse = 6;
    internal const int Eperm = 1;
    internal const int Eintr = 4;
    internal const int Eacces = 13;

    internal static readonly nint MapFailed = -1;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint mmap(nint address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library)]
    internal static partial int munmap(nint address, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int poll(PollFd* fds, nuint count, int timeoutMs);

    [LibraryImport(Library)]
    internal static partial int vsnprintf(byte* buffer, nuint size, byte* format, nint arguments);

    // Does not block: without a GC transition a clock pair is read within tens of nanoseconds.
    [LibraryImport(Library), SuppressGCTransition]
    internal static partial int clock_gettime(int clock, TimeSpec* time);

    [LibraryImport(Library)]
    internal static partial int clock_getres(int clock, TimeSpec* resolution);

    internal struct PollFd
    {
        internal int Fd;
        internal short Events;
        internal short Returned;
    }

    internal struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
