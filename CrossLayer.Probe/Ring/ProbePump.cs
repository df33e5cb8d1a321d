using System.Threading.Channels;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Native;

namespace CrossLayer.Probe.Ring;

/// <summary>
/// One thread that reads the ring into pooled batches and hands them on. When the pipeline is behind it waits, so that
/// loss happens in the ring, where the kernel side counts it; each loss becomes a <see cref="KernelEventType.Lost"/>
/// event with its interval.
/// </summary>
internal sealed class ProbePump
{
    private const int BatchEvents = 1024;
    private const int MaxRead = BatchEvents - 3; // beside them, a loss, misses and a change
    private const int FewEvents = BatchEvents / 4; // cheaper to copy than to let them hold a whole array while they wait
    private const int HeartbeatMs = 20;
    private const int MissesIntervalMs = 10;
    private static readonly TimeSpan LastDrain = TimeSpan.FromMilliseconds(200);

    private readonly MappedRing _ring;
    private readonly CpuStats _stats;
    private readonly MappedSettings _settings;
    private readonly PressureGauge _pressure = new();
    private readonly bool _canSummarise;
    private readonly Lock _changing = new();
    private readonly Func<ulong> _readMissed;
    private readonly ProbeOptions _options;
    private readonly KernelEvent[] _first;
    private readonly Channel<KernelEventBatch> _batches;
    private readonly Thread _thread;
    private KernelEventBatch? _reading; // the array that is read into, where it was not handed on
    private volatile bool _stopping;
    private long _wakeups;
    private ulong _read;
    private ulong _missed;
    private ulong _lostReported;
    private long _lossCheckedNs;
    private long _missesCheckedNs;
    private long _publishedNs;
    private Watermark _watermark;
    private ProbeMode _mode;
    private (long SinceNs, long UntilNs)? _change; // in which events may be missing

    /// <param name="ring">Where the kernel side writes.</param>
    /// <param name="stats">What it counts.</param>
    /// <param name="settings">What it is told.</param>
    /// <param name="canSummarise">Whether the programs that were chosen can.</param>
    /// <param name="readMissed">Runs that nobody made so far; asks the kernel.</param>
    /// <param name="options">How to read.</param>
    /// <param name="first">Events that go before all that the ring holds; not read from it, they do not count as read.</param>
    internal ProbePump(
        MappedRing ring, CpuStats stats, MappedSettings settings, bool canSummarise, Func<ulong> readMissed, ProbeOptions options, KernelEvent[] first)
    {
        (_ring, _stats, _settings, _canSummarise, _readMissed, _options, _first) = (ring, stats, settings, canSummarise, readMissed, options, first);
        _mode = options.Mode;
        _watermark = new Watermark(options.DisorderMs * 1_000_000L);
        _batches = Channel.CreateBounded<KernelEventBatch>(new BoundedChannelOptions(options.MaxBatches)
        {
            SingleWriter = true,
            SingleReader = true,
        });
        _lossCheckedNs = _missesCheckedNs = KernelClock.MonotonicNs();
        _thread = new Thread(Run) { IsBackground = true, Name = "crosslayer-pump" };
    }

    /// <summary>Completes when the pump has stopped; faults if it died.</summary>
    internal ChannelReader<KernelEventBatch> Batches => _batches.Reader;

    internal ProbeCounters Counters
    {
        get
        {
            var (made, lost, _) = _stats.Read();
            return new ProbeCounters(made, Volatile.Read(ref _read), lost, Volatile.Read(ref _missed));
        }
    }

    /// <summary>How often the thread woke to read.</summary>
    internal long Wakeups => Volatile.Read(ref _wakeups);

    internal void Start() => _thread.Start();

    /// <summary>
    /// Changes what is watched and how it is told. Sockets that are no longer watched may have been in the middle of something: events
    /// count as lost meanwhile, none in number.
    /// </summary>
    internal void Change(ProbeFilter filter, ProbeMode mode)
    {
        lock (_changing)
        {
            var since = KernelClock.MonotonicNs();
            _settings.Set(filter);
            _mode = mode;
            ApplyMode();
            _change = (_change?.SinceNs ?? since, KernelClock.MonotonicNs());
        }
    }

    private void ApplyMode()
    {
        var summarises = _canSummarise && (_mode == ProbeMode.Summary || (_mode == ProbeMode.Auto && _pressure.IsHigh));
        if (_settings.Summarises != summarises)
            _settings.Summarises = summarises;
    }

    /// <summary>Reads what is left, hands it on and ends the thread. The programs are detached before.</summary>
    internal void Stop()
    {
        _stopping = true;
        _thread.Join();
    }

    /// <summary>Nobody reads any more: the pump no longer waits for room, and drops what it still holds.</summary>
    internal void Abandon() => _batches.Writer.TryComplete();

    private void Run()
    {
        try
        {
            if (_first.Length > 0)
                Publish(new KernelEventBatch(_first, (long)_first[0].TimestampNs - _options.DisorderMs * 1_000_000L));
            while (!_stopping)
            {
                _ring.Wait(_options.DrainIntervalMs);
                Volatile.Write(ref _wakeups, _wakeups + 1);
                Drain();
                lock (_changing)
                    ApplyMode();
            }

            DrainLast();
            PublishLastMisses();
            _batches.Writer.TryComplete();
        }
        catch (OperationCanceledException)
        {
            // Abandoned: the channel is complete already.
        }
#pragma warning disable CA1031 // reported to whoever reads the batches
        catch (Exception e)
#pragma warning restore CA1031
        {
            _batches.Writer.TryComplete(e);
        }
        finally
        {
            _reading?.Dispose();
        }
    }

    /// <summary>A program that was running on another CPU when it was detached may still be writing its event.</summary>
    private void DrainLast()
    {
        var until = KernelClock.MonotonicNs() + (long)LastDrain.TotalNanoseconds;
        do
        {
            Drain();
            var counters = Counters;
            if (counters.Made == counters.Read + counters.Lost)
                return;
            Thread.Yield();
        }
        while (KernelClock.MonotonicNs() < until);
    }

    private void Drain()
    {
        for (var isFull = true; isFull;)
        {
            var now = KernelClock.MonotonicNs();
            var fill = (double)_ring.UsedBytes / _ring.Bytes;
            var batch = _reading ?? new KernelEventBatch(BatchEvents);
            _reading = null;
            var count = batch.Count = _ring.Read(batch.Free[..MaxRead], out var records);
            _read += (ulong)records;
            isFull = count > MaxRead - ExchangeRecord.MostEvents;
            long? newest = count > 0 ? batch.Events[count - 1].ToldNs : null;

            // Checked after reading: a loss older than 'now' is known before the watermark says so.
            var lost = AddLoss(batch, now);
            _pressure.Observe(now, fill, lost);
            AddChange(batch);
            if (now - _missesCheckedNs >= MissesIntervalMs * 1_000_000L)
                AddMisses(batch, now);
            // Nor does the watermark pass what may turn out to have been missed, or what is still in the ring.
            _watermark.Advance(_missesCheckedNs, _ring.IsRead, newest);
            batch.WatermarkNs = _watermark.Ns;
            var isDue = batch.Count > 0 || now - _publishedNs >= HeartbeatMs * 1_000_000L || _stopping;
            if (isDue)
                _publishedNs = now;
            if (batch.Count > FewEvents)
            {
                Publish(batch);
                continue;
            }

            _reading = batch;
            if (isDue)
                Publish(batch.TakeOut());
        }
    }

    /// <returns>True if there was one.</returns>
    private bool AddLoss(KernelEventBatch batch, long now)
    {
        var (_, lost, lastLostNs) = _stats.Read();
        var any = lost != _lostReported;
        if (any)
            Add(batch, lost - _lostReported, _lossCheckedNs, Math.Max(lastLostNs, (ulong)_lossCheckedNs));
        (_lostReported, _lossCheckedNs) = (lost, now);
        return any;
    }

    private void AddChange(KernelEventBatch batch)
    {
        lock (_changing)
        {
            if (_change is { } change)
                Add(batch, 0, change.SinceNs, (ulong)change.UntilNs);
            _change = null;
        }
    }

    /// <summary>
    /// The kernel does not start a program on a CPU that is inside it: an acknowledgement that interrupts the handling
    /// of another one passes unseen. Asked for seldom: each program's count is a system call.
    /// </summary>
    private void AddMisses(KernelEventBatch batch, long now)
    {
        // It may seem fewer than before, for a moment (LoadedPrograms.Missed): what was reported once stays so.
        var missed = _readMissed();
        if (missed > _missed)
        {
            Add(batch, missed - _missed, _missesCheckedNs, (ulong)now);
            Volatile.Write(ref _missed, missed);
        }

        _missesCheckedNs = now;
    }

    private void PublishLastMisses()
    {
        var batch = new KernelEventBatch(1) { WatermarkNs = KernelClock.MonotonicNs() };
        AddMisses(batch, batch.WatermarkNs);
        Publish(batch);
    }

    private static void Add(KernelEventBatch batch, ulong lost, long sinceNs, ulong untilNs)
    {
        batch.Free[0] = new KernelEvent
        {
            Type = KernelEventType.Lost,
            SinceNs = (ulong)sinceNs,
            TimestampNs = untilNs,
            LostEvents = (uint)Math.Min(lost, uint.MaxValue),
        };
        batch.Count++;
    }

    /// <exception cref="OperationCanceledException">The pump was abandoned.</exception>
    private void Publish(KernelEventBatch batch)
    {
        while (!_batches.Writer.TryWrite(batch))
        {
            if (_batches.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult())
                continue;
            batch.Dispose();
            throw new OperationCanceledException();
        }
    }
}
