using System.Threading.Channels;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Privileges;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Probe;

/// <summary>
/// The kernel side, loaded and attached, and the pump that reads it. <see cref="Start"/> brings it up;
/// <see cref="StopAsync"/> detaches first and then hands on what was still in the ring.
/// </summary>
public sealed class KernelProbe : IKernelProbe
{
    private readonly LoadedPrograms _programs;
    private readonly MappedRing _ring;
    private readonly CpuStats _stats;
    private readonly MappedSettings _settings;
    private readonly ProbePump _pump;
    private readonly ClockSampler _clock = new();
    private readonly Lock _stopping = new();
    private readonly Lock _reading = new(); // held to read the mapped counters, and to end that
    private ProbeCounters? _finalCounters;
    private ulong _finalWithoutState;

    private KernelProbe(LoadedPrograms programs)
    {
        _programs = programs;
        var options = programs.Options;
        Filter = options.Filter;
        try
        {
            _stats = new CpuStats(_programs.StatsFd, LibBpf.libbpf_num_possible_cpus());
            _settings = new MappedSettings(_programs.SettingsFd);
            _ring = new MappedRing(_programs.EventsFd, options.RingBytes);
        }
        catch
        {
            _settings?.Dispose();
            _stats?.Dispose();
            _programs.Dispose();
            _clock.Dispose();
            throw;
        }

        _pump = new ProbePump(_ring, _stats, _settings, _programs.CanSummarise, () => _programs.Missed(_stats), options, [.. Hooks.SelectMany(hook => hook.MissingTypes).Select(type => new KernelEvent
        {
            Type = KernelEventType.Missing,
            MissingType = type,
            TimestampNs = (ulong)_programs.SinceNs,
        })]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<HookStatus> Hooks => _programs.Statuses;

    /// <summary>Of the events lost, those whose socket the kernel could not remember; the others found no room.</summary>
    public ulong LostWithoutState
    {
        get
        {
            lock (_reading)
                return _finalCounters is null ? _stats.WithoutState() : _finalWithoutState;
        }
    }

    /// <summary>How often the reader woke.</summary>
    internal long Wakeups => _pump.Wakeups;

    /// <summary>What is attached.</summary>
    internal LoadedPrograms Programs => _programs;

    /// <summary>What it watches. What it was started with where privileges were dropped since.</summary>
    public ProbeFilter Filter { get; private set; }

    /// <inheritdoc/>
    public bool Summarises
    {
        get
        {
            lock (_reading)
                return _finalCounters is null && _settings.Summarises;
        }
    }

    /// <inheritdoc/>
    public ReasonNames Reasons { get; } = ReasonNames.OfKernel();

    /// <inheritdoc/>
    public ClockHistory Clock => _clock.History;

    /// <inheritdoc/>
    public ChannelReader<KernelEventBatch> Batches => _pump.Batches;

    /// <inheritdoc/>
    public ProbeCounters Counters
    {
        get
        {
            lock (_reading)
                return _finalCounters ?? _pump.Counters;
        }
    }

    /// <summary>What it costs; null once it has stopped. Asks the kernel.</summary>
    public ProbeCost? Cost
    {
        get
        {
            lock (_reading)
            {
                if (_finalCounters is not null)
                    return null;
                var (timeNs, runs) = _programs.Runs();
                return new ProbeCost(timeNs, runs, _ring.UsedBytes, _ring.Bytes);
            }
        }
    }

    /// <summary>Loads, attaches and starts reading.</summary>
    /// <exception cref="ProbeUnavailableException">A privilege or a kernel feature is missing.</exception>
    /// <exception cref="ProbeException">An option is out of range, or the kernel failed otherwise.</exception>
    public static KernelProbe Start(ProbeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var probe = new KernelProbe(ProgramLoader.Load(options));
        probe._pump.Start();
        try
        {
            probe._programs.ReportPresent();
            return probe;
        }
        catch
        {
            probe._pump.Abandon();
            probe.Stop();
            throw;
        }
    }

    /// <summary>
    /// Loads and attaches, then starts this program again from the beginning, without any privilege; there, this call
    /// returns the probe. To be called before anything that must not be done twice, and once.
    /// </summary>
    /// <inheritdoc cref="Start"/>
    public static KernelProbe StartAndDropPrivileges(ProbeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var received = Handover.Receive(options);
        if (received is null)
        {
            using var programs = ProgramLoader.Load(options);
            programs.ReportPresent();
            Handover.Continue(programs);
        }

        var probe = new KernelProbe(received);
        probe._pump.Start();
        return probe;
    }

    /// <inheritdoc/>
    public void Change(ProbeFilter filter, ProbeMode mode)
    {
        ArgumentNullException.ThrowIfNull(filter);
        filter.Validate();
        using (var kernel = Btf.OfKernel())
            ProgramLoader.CheckGroups(filter, kernel);
        if (mode == ProbeMode.Summary && !_programs.CanSummarise)
            throw new ProbeException("summaries need other hooks than those that were chosen at the start");
        lock (_reading)
        {
            if (_finalCounters is not null)
                return;
            _pump.Change(filter, mode);
            Filter = filter;
        }
    }

    /// <inheritdoc/>
    public Task StopAsync() => Task.Run(Stop);

    /// <summary>Detaches and frees everything; unread batches are dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        _pump.Abandon();
        await StopAsync();
        while (Batches.TryRead(out var batch))
            batch.Dispose();
    }

    // Order matters: no program may write to a ring that is gone, and no thread may read one.
    private void Stop()
    {
        lock (_stopping)
        {
            if (_finalCounters is not null)
                return;
            _clock.Dispose();
            _programs.Detach();
            _pump.Stop();
            lock (_reading)
                (_finalCounters, _finalWithoutState) = (_pump.Counters, _stats.WithoutState());
            _ring.Dispose();
            _settings.Dispose();
            _stats.Dispose();
            _programs.Dispose();
        }
    }
}
