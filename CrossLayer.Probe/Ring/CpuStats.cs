using CrossLayer.Probe.Native;

namespace CrossLayer.Probe.Ring;

/// <summary>The kernel side's counters (<c>struct crosslayer_cpu_stats</c>, one a CPU, never reset), read without a system call.</summary>
internal sealed unsafe class CpuStats(int fd, int cpus) : IDisposable
{
    internal const int EntryBytes = 64;

    private readonly MappedMemory _memory = new(fd, (nuint)RoundUpToPage(cpus * EntryBytes), LibC.ProtRead, 0);

    /// <summary>Sums over the CPUs, and the newest loss on any of them (CLOCK_MONOTONIC nanoseconds; 0: none yet).</summary>
    internal (ulong Made, ulong Lost, ulong LastLostNs) Read()
    {
        var entries = (Entry*)_memory.Pointer;
        ulong made = 0, lost = 0, last = 0;
        for (var cpu = 0; cpu < cpus; cpu++)
        {
            // Lost first: the kernel counts an event as made before it can be lost.
            lost += Volatile.Read(ref entries[cpu].Lost);
            last = Math.Max(last, Volatile.Read(ref entries[cpu].LastLostNs));
            made += Volatile.Read(ref entries[cpu].Made);
        }

        return (made, lost, last);
    }

    /// <summary>Runs that deputies took over (bpf/deputies.h), summed over the CPUs.</summary>
    internal ulong DeputyRuns()
    {
        var entries = (Entry*)_memory.Pointer;
        ulong runs = 0;
        for (var cpu = 0; cpu < cpus; cpu++)
            runs += Volatile.Read(ref entries[cpu].DeputyRuns);
        return runs;
    }

    /// <summary>Of the events lost, those whose socket the kernel could not remember, summed over the CPUs.</summary>
    internal ulong WithoutState()
    {
        var entries = (Entry*)_memory.Pointer;
        ulong events = 0;
        for (var cpu = 0; cpu < cpus; cpu++)
            events += Volatile.Read(ref entries[cpu].WithoutState);
        return events;
    }

    public void Dispose() => _memory.Dispose();

    private static int RoundUpToPage(int bytes) => (bytes + Environment.SystemPageSize - 1) & -Environment.SystemPageSize;

#pragma warning disable CS0649 // the kernel's memory, only read
    private struct Entry
    {
        internal ulong Made;
        internal ulong Lost;
        internal ulong LastLostNs;
        internal ulong DeputyRuns;
        private fixed ulong _engaged[1];
        internal ulong WithoutState;
        private fixed ulong _padding[2];
    }
#pragma warning restore CS0649
}
