using System.Diagnostics;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>What must not be paid for each event: memory, and a wakeup. Counted, not timed.</summary>
public sealed class HotPathTests
{
    [RequiresKernelFact]
    public void Reading_events_out_of_the_ring_allocates_nothing()
    {
        using var loopback = Loopback.IPv4();
        using var programs = ProgramLoader.Load(loopback.Options with { Hooks = Recording.Hooks });
        using var ring = new MappedRing(programs.EventsFd, loopback.Options.RingBytes);
        var events = new KernelEvent[1024];
        for (var i = 0; i < 60; i++)
            loopback.Run(100, 1000);
        Assert.NotEqual(0, ring.Read(events.AsSpan(0, 50), out _));

        var read = 0;
        Assert.Equal(0, Allocated.ByEach(() => read += ring.Read(events.AsSpan(0, 50), out _)));
        Assert.Equal(250, read);
    }

    [RequiresKernelFact]
    public void Events_wake_nobody_before_there_is_a_backlog()
    {
        using var loopback = Loopback.IPv4();
        var options = loopback.Options with { Hooks = Recording.Hooks };
        using var programs = ProgramLoader.Load(options);
        using var ring = new MappedRing(programs.EventsFd, options.RingBytes);
        // Adding the ring counts as a first signal.
        ring.Wait(0);

        loopback.Run(100, 1000);
        Assert.NotEqual(0UL, ring.UsedBytes);
        Assert.False(ring.Wait(0));

        while (ring.UsedBytes <= options.WakeupBytes)
            loopback.Run(100, 1000);
        loopback.Run(100, 1000);
        Assert.True(ring.Wait(0));
    }

    [RequiresKernelFact]
    public async Task The_reader_wakes_by_the_clock_however_many_events_there_are()
    {
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(loopback.Options with { Hooks = Recording.Hooks });
        var reading = Task.Run(async () =>
        {
            await foreach (var batch in probe.Batches.ReadAllAsync())
                batch.Dispose();
        });
        var (wakeups, clock) = (probe.Wakeups, Stopwatch.StartNew());
        for (var i = 0; i < 1000; i++)
            loopback.Run(100, 1000);
        wakeups = probe.Wakeups - wakeups;
        var elapsedMs = (long)clock.Elapsed.TotalMilliseconds;
        await probe.StopAsync();
        await reading;

        var counters = probe.Counters;
        Assert.True(counters.Made > 10_000, $"{counters}");
        // Once a drain interval, and for a backlog at most once more each time it builds up, and while it is read.
        var backlogs = (long)counters.Made * 200 / (long)loopback.Options.WakeupBytes;
        Assert.InRange(wakeups, 1, (elapsedMs / loopback.Options.DrainIntervalMs) + (2 * backlogs) + 10);
    }
}
