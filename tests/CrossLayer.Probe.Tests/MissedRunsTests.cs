using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Ring;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Runs that the kernel skipped because the CPU was inside the same program already.</summary>
public sealed class MissedRunsTests
{
    [RequiresKernelFact]
    public async Task They_are_reported_as_lost_before_the_watermark_passes_them()
    {
        var options = new ProbeOptions { Filter = new ProbeFilter { Ports = [1] }, RingBytes = (uint)Environment.SystemPageSize };
        using var programs = ProgramLoader.Load(options);
        using var ring = new MappedRing(programs.EventsFd, options.RingBytes);
        using var stats = new CpuStats(programs.StatsFd, LibBpf.libbpf_num_possible_cpus());
        using var settings = new MappedSettings(programs.SettingsFd);
        ulong missed = 3;
        var pump = new ProbePump(ring, stats, settings, canSummarise: true, () => Volatile.Read(ref missed), options, []);
        pump.Start();

        var first = await ReadLossAsync();
        Volatile.Write(ref missed, 10);
        var second = await ReadLossAsync();
        // Fewer, and as many again: nothing new.
        Volatile.Write(ref missed, 9);
        await WaitForWatermarkAsync(KernelClock.MonotonicNs());
        Volatile.Write(ref missed, 10);
        await WaitForWatermarkAsync(KernelClock.MonotonicNs());
        Volatile.Write(ref missed, 11);
        programs.Detach();
        var stopping = Task.Run(pump.Stop);
        var last = await ReadLossAsync();
        // Detaching may take long: what the pump had to say meanwhile fills the channel, and it stops only once there is room.
        await foreach (var batch in pump.Batches.ReadAllAsync())
            batch.Dispose();
        await stopping;

        Assert.Equal([3u, 7u, 1u], new[] { first, second, last }.Select(loss => loss.Event.LostEvents));
        Assert.All([first, second, last], loss => Assert.True(loss.WatermarkBefore < (long)loss.Event.SinceNs, "the watermark had passed the loss"));
        Assert.True(first.Event.TimestampNs <= second.Event.SinceNs && second.Event.TimestampNs <= last.Event.SinceNs, "the intervals overlap");
        Assert.Equal(11ul, pump.Counters.Missed);
        Assert.Equal(0ul, pump.Counters.Lost);

        async Task WaitForWatermarkAsync(long time)
        {
            for (var watermark = long.MinValue; watermark < time;)
            {
                using var batch = await pump.Batches.ReadAsync();
                Assert.DoesNotContain(batch.Events.ToArray(), e => e.Type == KernelEventType.Lost);
                watermark = batch.WatermarkNs;
            }
        }

        async Task<(KernelEvent Event, long WatermarkBefore)> ReadLossAsync()
        {
            var watermark = long.MinValue;
            while (true)
            {
                using var batch = await pump.Batches.ReadAsync();
                foreach (var e in batch.Events.ToArray().Where(e => e.Type == KernelEventType.Lost))
                    return (e, watermark);
                watermark = batch.WatermarkNs;
            }
        }
    }

    [RequiresKernelFact]
    public async Task The_kernel_is_asked_about_every_program()
    {
        await using var probe = KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [1] } });

        Assert.NotEmpty(probe.Programs.Links);
        Assert.All(probe.Programs.Links, link => Assert.True(ProgramRuns.IsTold(link.ProgramFd), link.Program));
    }
}
