using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Evaluation.Kernel;

/// <summary>The probe, and a reader that never lets it wait.</summary>
internal sealed class KernelWatch : IAsyncDisposable
{
    private const uint RingBytes = 256 << 20;

    // After the last response, acknowledgements and closes are still on their way into the ring.
    private static readonly TimeSpan Tail = TimeSpan.FromMilliseconds(200);

    private readonly KernelProbe _probe;
    private readonly Task _reader;

    private KernelWatch(KernelProbe probe, Action<KernelEventBatch> read)
    {
        _probe = probe;
        _reader = Task.Run(async () =>
        {
            await foreach (var batch in probe.Batches.ReadAllAsync())
                using (batch)
                    read(batch);
        });
    }

    /// <summary>Monotonic time against wall time.</summary>
    internal ClockHistory Clock => _probe.Clock;

    /// <summary>Watches the connections of a port.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="read">Sees each batch, which is returned to its pool afterwards.</param>
    /// <exception cref="ProbeUnavailableException">A privilege or a kernel feature is missing.</exception>
    internal static KernelWatch Start(ushort port, Action<KernelEventBatch> read) =>
        new(KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [port] }, RingBytes = RingBytes }), read);

    /// <summary>Ends when everything that happened so far is read.</summary>
    internal async Task<ProbeCounters> StopAsync()
    {
        await Task.Delay(Tail);
        await _probe.StopAsync();
        await _reader;
        return _probe.Counters;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _probe.DisposeAsync();
}
