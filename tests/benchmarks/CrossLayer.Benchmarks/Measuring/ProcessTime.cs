using System.Globalization;
using System.Runtime.InteropServices;

namespace CrossLayer.Benchmarks.Measuring;

/// <summary>Processor time of processes, as the scheduler counts it, in nanoseconds; and their memory.</summary>
internal static unsafe partial class ProcessTime
{
    /// <summary>All threads of these processes that are alive.</summary>
    internal static long Ns(params IEnumerable<int> pids)
    {
        var sum = 0L;
        foreach (var pid in pids)
            foreach (var task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
                sum += long.Parse(File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
        return sum;
    }

    /// <summary>All threads of this process, those that have ended too; 10 ms are not told apart by every kernel.</summary>
    internal static double OwnSeconds => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Children of this process that have ended.</summary>
    internal static long EndedChildrenNs()
    {
        const int children = -1; // RUSAGE_CHILDREN
        var usage = stackalloc long[18]; // struct rusage
        _ = getrusage(children, usage);
        return ((usage[0] + usage[2]) * 1_000_000_000) + ((usage[1] + usage[3]) * 1000);
    }

    /// <summary>This thread.</summary>
    internal static long ThreadNs()
    {
        const int threadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID
        var time = stackalloc long[2];
        _ = clock_gettime(threadCpuTime, time);
        return (time[0] * 1_000_000_000) + time[1];
    }

    /// <summary>A process's children.</summary>
    internal static IReadOnlyList<int> Children(int pid) =>
    [
        .. File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture)),
    ];

    [LibraryImport("libc")]
    private static partial int getrusage(int who, long* usage);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, long* time);
}
