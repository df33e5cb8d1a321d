using CrossLayer.Probe.Native;
using CrossLayer.Tests;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Probe.Tests;

public sealed class ProbeCostTests
{
    private const int RunTimeStatistics = 0; // BPF_STATS_RUN_TIME

    [RequiresKernelFact]
    public async Task Time_and_runs_grow_while_the_kernel_counts_them_and_end_with_the_probe()
    {
        using var statistics = new SafeFileHandle(LibBpf.bpf_enable_stats(RunTimeStatistics), ownsHandle: true);
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(loopback.Options);
        var before = probe.Cost!.Value;
        Assert.Equal(loopback.Options.RingBytes, before.RingBytes);

        for (var i = 0; i < 10; i++)
            loopback.Run(100, 1000);
        var after = probe.Cost!.Value;

        Assert.True(after.Runs > before.Runs, $"{after} after {before}");
        Assert.True(after.RunTimeNs > before.RunTimeNs, $"{after} after {before}");
        Assert.InRange(after.RingUsedBytes, 0UL, after.RingBytes);
        await probe.DisposeAsync();
        Assert.Null(probe.Cost);
    }
}
