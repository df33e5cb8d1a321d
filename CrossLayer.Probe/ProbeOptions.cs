using CrossLayer.Probe.Hooks;

namespace CrossLayer.Probe;

/// <summary>What the probe reports and how much it may hold.</summary>
public sealed record ProbeOptions
{
    /// <summary>Which sockets are reported, until it is changed.</summary>
    public ProbeFilter Filter { get; init; } = ProbeFilter.None;

    /// <summary>How exchanges are told of, until it is changed.</summary>
    public ProbeMode Mode { get; init; } = ProbeMode.Auto;

    /// <summary>Which kinds of hooks may be used.</summary>
    public HookChoice Hooks { get; init; } = HookChoice.Auto;

    /// <summary>Size of the ring buffer in bytes: a power of two of at least a page.</summary>
    public uint RingBytes { get; init; } = 16 << 20;

    /// <summary>Backlog at which the kernel wakes the reader before its time, in bytes: what fills up meanwhile has nearly all of the ring.</summary>
    public ulong WakeupBytes => RingBytes / 16;

    /// <summary>
    /// How long the reader sleeps between two reads, in milliseconds. Waking up, it and those it hands the events to, costs more than a
    /// hundred events, and nothing waits for an event: verdicts wait for what may still come much longer.
    /// </summary>
    public int DrainIntervalMs { get; init; } = 10;

    /// <summary>Batches that may wait for the pipeline; then reading stops and loss happens in the ring, where it is counted.</summary>
    public int MaxBatches { get; init; } = 64;

    /// <summary>How far behind its timestamp an event may enter the ring without being late, in milliseconds.</summary>
    public int DisorderMs { get; init; } = 20;

    /// <summary>What the running kernel has, as the choice of hooks is to see it; tests hide hooks here.</summary>
    internal Func<IKernelHooks, IKernelHooks> Kernel { get; init; } = kernel => kernel;

    /// <exception cref="ProbeException">A value is out of its range.</exception>
    internal void Validate()
    {
        Filter.Validate();
        if (RingBytes < Environment.SystemPageSize || (RingBytes & (RingBytes - 1)) != 0)
            throw new ProbeException($"ring size {RingBytes}: it must be a power of two of at least a page, {Environment.SystemPageSize} bytes");
        if (DrainIntervalMs < 1 || MaxBatches < 1 || DisorderMs < 0)
            throw new ProbeException("drain interval and number of batches must be at least 1, the disorder not negative");
    }
}
