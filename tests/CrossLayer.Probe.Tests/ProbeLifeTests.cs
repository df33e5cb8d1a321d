using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Starting, falling behind and stopping.</summary>
public sealed class ProbeLifeTests
{
    [RequiresKernelFact]
    public async Task Of_whom_the_beginning_is_told_while_hooks_are_attached_all_is_told()
    {
        using var loopback = Loopback.IPv4();
        using var end = new CancellationTokenSource();
        var traffic = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
                loopback.Run(11, 13);
        });
        await using var probe = KernelProbe.Start(loopback.Options with { Hooks = Recording.Hooks });
        await Task.Delay(100);
        await end.CancelAsync();
        await traffic;

        var events = await Recording.ReadToEndAsync(probe);

        var begun = events.Where(e => e.SocketCookie != 0).GroupBy(e => e.SocketCookie).Where(socket => socket.Any(e => e.Type is KernelEventType.Connect or KernelEventType.Accept)).ToList();
        Assert.NotEmpty(begun);
        Assert.Equal([], begun.Where(socket => !socket.Any(e => e.Type == KernelEventType.Close) || !socket.Any(e => e.Type == KernelEventType.Send))
            .Select(socket => string.Join(' ', socket.Select(e => e.Type))));
    }

    [RequiresKernelFact]
    public async Task A_ring_that_is_not_read_loses_events_and_counts_them_exactly()
    {
        using var loopback = Loopback.IPv4();
        var before = (ulong)KernelClock.MonotonicNs();
        await using var recording = Recording.StartUnread(loopback.Options with { RingBytes = 4096, MaxBatches = 1 });
        // Until the pump waits for room, it empties the ring: then nothing is read any more.
        var read = ulong.MaxValue;
        Recording.WaitUntil("loss", () =>
        {
            loopback.Run(101, 103);
            return recording.Counters.Lost > 100 && read == (read = recording.Counters.Read);
        });
        var after = (ulong)KernelClock.MonotonicNs();
        recording.Read();

        var events = await recording.StopAsync();

        var losses = events.Where(e => e.Type == KernelEventType.Lost).ToList();
        Assert.NotEmpty(losses);
        Assert.True(recording.Counters.Lost > 100);
        Assert.Equal(recording.Counters.Lost + recording.Counters.Missed, losses.Aggregate(0ul, (sum, e) => sum + e.LostEvents));
        Assert.All(losses, e => Assert.NotEqual(0u, e.LostEvents));
        Assert.All(losses, e => Assert.True(before <= e.SinceNs && e.SinceNs <= e.TimestampNs));
        Assert.True(losses[0].SinceNs <= after);
    }

    [RequiresKernelFact]
    public async Task What_nobody_read_for_a_while_brings_the_watermark_forward_batch_by_batch()
    {
        using var loopback = Loopback.IPv4();
        // Nobody reads before all is there: neither by the clock nor for a backlog.
        var options = loopback.Options with { MaxBatches = 1, DrainIntervalMs = 2000, RingBytes = 64 << 20 };
        await using var probe = KernelProbe.Start(options);
        for (var i = 0; i < 400; i++)
            loopback.Run(101, 103);

        var stopping = probe.StopAsync();
        var batches = new List<(long WatermarkNs, long[] Times)>();
        await foreach (var batch in probe.Batches.ReadAllAsync())
            using (batch)
                batches.Add((batch.WatermarkNs, [.. batch.Events.ToArray().Where(e => e.IsOfKernel).Select(e => (long)e.TimestampNs)]));
        await stopping;

        var full = batches.FindAll(batch => batch.Times.Length > 1000);
        Assert.True(full.Count > 2, $"{full.Count} full batches");
        Assert.All(full.Skip(1), batch => Assert.True(batch.WatermarkNs >= batch.Times[^1] - (options.DisorderMs * 1_000_000L)));
        Assert.All(batches.Zip(batches.Skip(1)), pair => Assert.All(pair.Second.Times, time => Assert.True(time >= pair.First.WatermarkNs)));
    }

    [RequiresKernelFact]
    public async Task Batches_of_few_events_take_little_room_while_they_wait()
    {
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(loopback.Options);
        for (var i = 0; i < 20; i++)
        {
            loopback.Run(101, 103);
            await Task.Delay(2);
        }

        var stopping = probe.StopAsync();
        var few = 0;
        await foreach (var batch in probe.Batches.ReadAllAsync())
            using (batch)
            {
                few += batch.Count is > 0 and < 100 ? 1 : 0;
                Assert.True(batch.Count >= 100 || batch.Count + batch.Free.Length < 256, $"{batch.Count} events in an array of {batch.Count + batch.Free.Length}");
            }

        await stopping;
        Assert.True(few > 2, $"{few} batches of few events");
    }

    [RequiresKernelFact]
    public async Task Two_probes_at_once_see_the_same()
    {
        using var loopback = Loopback.IPv4();
        await using var first = Recording.Start(loopback.Options);
        await using var second = Recording.Start(loopback.Options);
        for (var i = 0; i < 13; i++)
            loopback.Run(101, 103);
        first.WaitFor(26, KernelEventType.Close);
        second.WaitFor(26, KernelEventType.Close);

        var one = await first.StopWithoutLossAsync();
        var two = await second.StopWithoutLossAsync();

        Assert.Equal(Essence(one), Essence(two));
    }

    [RequiresKernelFact]
    public async Task What_others_do_while_it_starts_and_stops_does_not_count_as_lost()
    {
        using var others = Loopback.IPv4();
        using var loopback = Loopback.IPv4();
        using var stop = new CancellationTokenSource();
        var talking = Task.Run(() => Talk(others, stop.Token));
        try
        {
            for (var i = 0; i < 3; i++)
            {
                await using var recording = Recording.Start(loopback.Options);
                loopback.Run(101, 103);
                recording.WaitFor(2, KernelEventType.Close);
                await recording.StopAsync();
                Assert.Equal(0ul, recording.Counters.Lost);
            }
        }
        finally
        {
            await stop.CancelAsync();
            Assert.True(await talking > 100);
        }

        static int Talk(Loopback others, CancellationToken stop)
        {
            var (client, server) = others.Connect();
            using (client)
            using (server)
            {
                var calls = 0;
                for (var word = new byte[1]; !stop.IsCancellationRequested; calls += 2)
                {
                    client.Send(word);
                    Assert.Equal(1, server.Receive(word));
                }

                return calls;
            }
        }
    }

    [RequiresKernelFact]
    public async Task Starting_and_stopping_leaks_no_file_descriptor()
    {
        await CycleAsync();
        var before = OpenFiles();

        for (var i = 0; i < 3; i++)
            await CycleAsync();

        Assert.Equal(before, OpenFiles());

        static async Task CycleAsync()
        {
            await using var recording = Recording.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [1] } });
            Assert.NotEqual(0, OpenFiles());
            await recording.StopAsync();
        }

        // The test runner opens and closes files of its own at any time: count those of BPF.
        static int OpenFiles() => Directory.GetFileSystemEntries("/proc/self/fd")
            .Count(fd => new FileInfo(fd).LinkTarget?.Contains("bpf", StringComparison.Ordinal) == true);
    }

    [RequiresKernelFact]
    public async Task Every_hook_is_reported()
    {
        await using var probe = KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [1] } });

        Assert.Equal(HookLadder.All.Select(ladder => ladder.Event), probe.Hooks.Select(hook => hook.Event));
        Assert.All(probe.Hooks, hook => Assert.True(hook.Need != HookNeed.Required || hook.Missing is null, hook.Missing));
    }

    [RequiresKernelFact]
    public async Task A_probe_that_waits_for_a_reader_can_be_disposed_of()
    {
        using var loopback = Loopback.IPv4();
        var recording = Recording.StartUnread(loopback.Options with { MaxBatches = 1 });
        Recording.WaitUntil("a full channel", () =>
        {
            loopback.Run(101, 103);
            return recording.HasUnreadBatch;
        });
        var stopping = recording.StopUnreadAsync();

        await recording.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
        await recording.DisposeAsync();
    }

    [RequiresKernelFact]
    public async Task The_counters_can_be_read_while_the_probe_stops()
    {
        using var loopback = Loopback.IPv4();
        for (var i = 0; i < 4; i++)
        {
            await using var recording = Recording.Start(loopback.Options);
            loopback.Run(101, 103);
            var stopping = recording.StopAsync();
            while (!stopping.IsCompleted)
                Assert.True(recording.Counters.Made >= recording.Counters.Lost);
            await stopping;
            Assert.True(recording.Counters.Made > 0);
        }
    }

    private static List<(ulong, KernelEventType, int, ulong, ulong)> Essence(List<KernelEvent> events) =>
        [.. events
            .Where(e => e.Type is KernelEventType.Connect or KernelEventType.Accept or KernelEventType.Send or KernelEventType.Recv or KernelEventType.Close)
            .Select(e => (e.SocketCookie, e.Type, e.Bytes, e.Written, e.Received))
            .Order()];
}
