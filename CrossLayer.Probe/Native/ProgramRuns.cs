using System.Runtime.InteropServices;

namespace CrossLayer.Probe.Native;

/// <summary>What the kernel counts of one program (<c>struct bpf_prog_info</c>, include/uapi/linux/bpf.h).</summary>
/// <param name="TimeNs">Time spent in it while statistics were on (<see cref="LibBpf.bpf_enable_stats"/>).</param>
/// <param name="Count">Runs in that time.</param>
/// <param name="Missed">Runs that were skipped because the CPU was inside the same program already; counted always.</param>
internal readonly record struct ProgramRuns(ulong TimeNs, ulong Count, ulong Missed)
{
    /// <summary>Reads the counts of a program by its file descriptor; all zero where the kernel does not tell.</summary>
    internal static ProgramRuns Of(int programFd) =>
        TryRead(programFd, out var info) ? new ProgramRuns(info.RunTimeNs, info.RunCount, info.RecursionMisses) : default;

    /// <summary>True if the kernel tells.</summary>
    internal static bool IsTold(int programFd) => TryRead(programFd, out _);

    private static unsafe bool TryRead(int programFd, out Info info)
    {
        var (read, size) = (default(Info), (uint)sizeof(Info));
        var error = LibBpf.bpf_obj_get_info_by_fd(programFd, &read, &size);
        info = read;
        return error == 0 && size == sizeof(Info);
    }

#pragma warning disable CS0649 // the kernel's memory, only read
    [StructLayout(LayoutKind.Explicit)]
    private struct Info
    {
        [FieldOffset(192)]
        internal ulong RunTimeNs;
        [FieldOffset(200)]
        internal ulong RunCount;
        [FieldOffset(208)]
        internal ulong RecursionMisses;
    }
#pragma warning restore CS0649
}
