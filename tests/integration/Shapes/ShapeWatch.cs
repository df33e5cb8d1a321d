using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>A probe on a script's port, and all the events it handed on.</summary>
internal sealed class ShapeWatch : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly KernelProbe _probe;
    private readonly List<KernelEvent> _events = [];
    private readonly Task _reading;
    private (Func<IReadOnlyList<KernelEvent>, bool> Holds, TaskCompletionSource Done)? _awaited;

    private ShapeWatch(ProbeOptions options)
    {
        _probe = KernelProbe.Start(options);
        _reading = ReadAsync();
    }

    internal static ShapeWatch Start(ushort port) => Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [port] } });

    internal static ShapeWatch Start(ProbeOptions options) => new(options);

    /// <summary>Waits until the events so far fulfil a condition.</summary>
    internal async Task WaitForAsync(Func<IReadOnlyList<KernelEvent>, bool> holds)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_events)
        {
            if (holds(_events))
                return;
            _awaited = (holds, done);
        }

        await done.Task.WaitAsync(Limit);
    }

    /// <summary>Stops; nothing was lost.</summary>
    internal async Task<IReadOnlyList<DatedKernelEvent>> StopAsync()
    {
        await _probe.StopAsync();
        await _reading;
        Assert.True(_probe.Counters.Lost == 0,
            $"{_probe.Counters}, {_probe.LostWithoutState} of them without a socket's state: {string.Join("; ", _events.Where(e => e.Type == KernelEventType.Lost).Select(e => $"{e.LostEvents} from {e.SinceNs} to {e.TimestampNs}"))}");
        return [.. _events.Select(e => DatedKernelEvent.Date(in e, _probe.Clock, _probe.Reasons))];
    }

    public ValueTask DisposeAsync() => _probe.DisposeAsync();

    private async Task ReadAsync()
    {
        await foreach (var batch in _probe.Batches.ReadAllAsync())
        {
            using (batch)
            {
                lock (_events)
                {
                    _events.AddRange(batch.Events);
                    if (_awaited is { } awaited && awaited.Holds(_events))
                        awaited.Done.TrySetResult();
                }
            }
        }
    }
}
