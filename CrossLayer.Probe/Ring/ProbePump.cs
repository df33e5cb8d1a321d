using System.Threading.Channels;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Probe.Ring;

/// <summary>
/// One thread that reads the ring into pooled batches and hands them on. When the pipeline is behind it waits, so that
/// loss happens in the ring, where the kernel side counts it; each loss becomes a <see cref="KernelEventType.Lost"/>
/// event with its interval.
/// </summary>
internal sealed class ProbePump
{
    private const int BatchEvents = 1024;
    private const int HeartbeatMs = 20;
    private static readonly TimeSpan LastDrain = TimeSpan.FromMilliseconds(200);

    private readonly MappedRing _ring;
    private readonly CpuStats _stats;
    private readonly ProbeOptions _options;
    private readonly Channel<KernelEventBatch> _batches;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private ulong _read;
    private ulong _lostReported;
    private long _lossCheckedNs;
    private long _publishedNs;

    internal ProbePump(MappedRing ring, CpuStats stats, ProbeOptions options)
    {
        (_ring, _stats, _options) = (ring, stats, options);
        _batches = Channel.CreateBounded<KernelEventBatch>(new BoundedChannelOptions(options.MaxBatches)
        {
            SingleWriter = true,
            SingleReader = true,
        });
        _lossCheckedNs = KernelClock.MonotonicNs();
        _thread = new Thread(Run) { IsBackground = true, Name = "crosslayer-pump" };
    }

    /// <summary>Completes when the pump has stopped; faults if it died.</summary>
    internal ChannelReader<KernelEventBatch> Batches => _batches.Reader;

    internal ProbeCounters Counters
    {
        get
        {
            var (made, lost, _) = _stats.Read();
            return new ProbeCounters(made, Volatile.Read(ref _read), lost);
        }
    }

    internal void Start() => _thread.Start();

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
            while (!_stopping)
            {
                _ring.Wait(_options.DrainIntervalMs);
                Drain();
            }

            DrainLast();
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
        var now = KernelClock.MonotonicNs();
        KernelEventBatch batch;
        do
        {
            batch = new KernelEventBatch(BatchEvents);
            var count = _ring.Read(batch.Free[..(BatchEvents - 1)]);
            batch.Count = count;
            _read += (ulong)count;
            if (count == BatchEvents - 1)
                Publish(batch);
        }
        while (batch.Count == BatchEvents - 1);

        // Checked after reading: a loss older than 'now' is known before the watermark says so.
        AddLoss(batch, now);
        batch.WatermarkNs = now - _options.DisorderMs * 1_000_000L;
        if (batch.Count > 0 || now - _publishedNs >= HeartbeatMs * 1_000_000L || _stopping)
        {
            _publishedNs = now;
            Publish(batch);
        }
        else
        {
            batch.Dispose();
        }
    }

    private void AddLoss(KernelEventBatch batch, long now)
    {
        var (_, lost, lastLostNs) = _stats.Read();
        if (lost != _lostReported)
        {
            batch.Free[0] = new KernelEvent
            {
                Type = KernelEventType.Lost,
                SinceNs = (ulong)_lossCheckedNs,
                TimestampNs = Math.Max(lastLostNs, (ulong)_lossCheckedNs),
                LostEvents = (uint)Math.Min(lost - _lostReported, uint.MaxValue),
            };
            batch.Count++;
            _lostReported = lost;
        }

        _lossCheckedNs = now;
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
