using System.Diagnostics;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace CrossLayer.Probe.Tests;

/// <summary>A running probe and all the events it handed on.</summary>
internal sealed class Recording : IAsyncDisposable
{
    private readonly KernelProbe _probe;
    private readonly List<KernelEvent> _events = [];
    private Task? _reading;

    private Recording(ProbeOptions options) =>
        _probe = KernelProbe.Start(options.Hooks == HookChoice.Auto ? options with { Hooks = Hooks } : options);

    /// <summary>The kind of hooks that this run of the tests is about; any, unless CROSSLAYER_HOOKS names one.</summary>
    internal static HookChoice Hooks { get; } =
        Enum.Parse<HookChoice>(Environment.GetEnvironmentVariable("CROSSLAYER_HOOKS") ?? nameof(HookChoice.Auto), ignoreCase: true);

    internal ProbeCounters Counters => _probe.Counters;

    internal ReasonNames Reasons => _probe.Reasons;

    internal bool HasUnreadBatch => _probe.Batches.TryPeek(out _);

    internal static Recording Start(ProbeOptions options)
    {
        var recording = StartUnread(options);
        recording.Read();
        return recording;
    }

    internal static Recording StartUnread(ProbeOptions options) => new(options);

    internal void Read() => _reading ??= Task.Run(async () =>
    {
        await foreach (var batch in _probe.Batches.ReadAllAsync())
        {
            lock (_events)
                _events.AddRange(batch.Events);
            batch.Dispose();
        }
    });

    internal void WaitFor(string what, Func<IReadOnlyList<KernelEvent>, bool> condition) =>
        WaitUntil(what, () =>
        {
            lock (_events)
                return condition(_events);
        });

    internal void WaitFor(int count, KernelEventType type) =>
        WaitFor($"{count} {type}", events => events.Count(e => e.Type == type) >= count);

    internal static void WaitUntil(string what, Func<bool> condition)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), $"still waiting for: {what}");
            Thread.Sleep(1);
        }
    }

    /// <summary>Stops, checks that no event went unaccounted for, and returns what was read.</summary>
    internal async Task<List<KernelEvent>> StopAsync()
    {
        await _probe.StopAsync();
        await _reading!;
        var counters = Counters;
        Assert.Equal(counters.Made, counters.Read + counters.Lost);
        Assert.Equal(counters.Read, (ulong)_events.Count(e => e.IsOfKernel));
        return _events;
    }

    /// <summary>Stops, though nobody may read what is left.</summary>
    internal Task StopUnreadAsync() => _probe.StopAsync();

    internal async Task<List<KernelEvent>> StopWithoutLossAsync()
    {
        var events = await StopAsync();
        Assert.Equal((0ul, 0ul), (Counters.Lost, Counters.Missed));
        return events;
    }

    /// <summary>Stops a probe that nobody reads yet; all that it made is returned, and nothing was lost.</summary>
    internal static async Task<List<KernelEvent>> ReadToEndAsync(KernelProbe probe)
    {
        var events = new List<KernelEvent>();
        var stopping = probe.StopAsync();
        await foreach (var batch in probe.Batches.ReadAllAsync())
        {
            events.AddRange(batch.Events);
            batch.Dispose();
        }

        await stopping;
        var counters = probe.Counters;
        Assert.Equal((counters.Made, 0ul), (counters.Read, counters.Lost));
        return events;
    }

    public ValueTask DisposeAsync() => _probe.DisposeAsync();
}
