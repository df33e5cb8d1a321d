using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Graph;

/// <summary>
/// The head of the graph: brings kernel events into order of time and spreads them over the shards by connection. An
/// event is let through once the watermark has passed it, so that what follows sees the same order however the input
/// was cut. Plain state, no clock.
/// </summary>
public sealed class EventOrder
{
    private readonly int _shards;
    private KernelEvent[] _held = new KernelEvent[1024];
    private long[] _keys = new long[1024];
    private int[] _order = new int[1024];
    private int _count;
    private long _watermarkNs = long.MinValue;
    private long _lastEventNs = long.MinValue;
    private Coverage _coverage = Coverage.None;

    /// <param name="shards">How many shards there are.</param>
    public EventOrder(int shards)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shards);
        _shards = shards;
    }

    /// <summary>Events that came behind the watermark: applied all the same, but out of order.</summary>
    public long Late { get; private set; }

    /// <summary>Takes in one input and gives each shard its share.</summary>
    public ShardBatch[] Apply(PipelineInput input)
    {
        var batches = new ShardBatch[_shards];
        for (var i = 0; i < _shards; i++)
            batches[i] = new ShardBatch();

        switch (input)
        {
            case KernelInput { Batch: var batch }:
                Hold(batch.Events);
                Release(Math.Max(_watermarkNs, batch.WatermarkNs), batches);
                batch.Dispose();
                break;
            case RecordInput { Records: var records, EndNs: var endNs }:
                if (endNs < _coverage.RecordsEndNs)
                    _coverage = _coverage with { RecordsEndNs = endNs };
                foreach (var record in records)
                {
                    _coverage = _coverage.With(record);
                    batches[ShardOf(record)].Add(record);
                }

                break;
            case EndOfInput:
                Release(long.MaxValue, batches);
                _coverage = _coverage with { EndNs = _lastEventNs };
                break;
            default:
                throw new ArgumentException($"unknown input {input}", nameof(input));
        }

        foreach (var batch in batches)
            (batch.WatermarkNs, batch.Coverage) = (_watermarkNs, _coverage);
        return batches;
    }

    /// <summary>
    /// A loss counts from the start of its interval, so that what it touches is marked before it is judged. What a summary stands for
    /// comes when that was told, all of it at once.
    /// </summary>
    private static long TimeOf(in KernelEvent e) => e.Type == KernelEventType.Lost ? (long)e.SinceNs : e.ToldNs;

    private int ShardOf(TimedRecord record) =>
        ConnectionKey.Shard(record.Record.Local?.Port ?? 0, record.Record.Peer?.Port ?? 0, _shards);

    private void Hold(ReadOnlySpan<KernelEvent> events)
    {
        if (_count + events.Length > _held.Length)
        {
            var size = Math.Max(_held.Length * 2, _count + events.Length);
            Array.Resize(ref _held, size);
            Array.Resize(ref _keys, size);
            Array.Resize(ref _order, size);
        }

        foreach (ref readonly var e in events)
        {
            if (TimeOf(in e) < _watermarkNs)
                Late++;
            _held[_count++] = e;
        }
    }

    private void Release(long watermarkNs, ShardBatch[] batches)
    {
        _watermarkNs = watermarkNs;
        for (var i = 0; i < _count; i++)
            (_keys[i], _order[i]) = (TimeOf(in _held[i]), i);
        Sort();

        var released = 0;
        while (released < _count && _keys[released] <= watermarkNs)
            Release(in _held[_order[released++]], batches);

        KeepFrom(released);
    }

    /// <summary>Events mostly come in order; equal times keep the order in which they came.</summary>
    private void Sort()
    {
        for (var i = 1; i < _count; i++)
        {
            var (key, index) = (_keys[i], _order[i]);
            var at = i;
            for (; at > 0 && _keys[at - 1] > key; at--)
                (_keys[at], _order[at]) = (_keys[at - 1], _order[at - 1]);
            (_keys[at], _order[at]) = (key, index);
        }
    }

    private void Release(in KernelEvent e, ShardBatch[] batches)
    {
        var time = (long)e.TimestampNs;
        if (e.Type == KernelEventType.Missing)
        {
            // Nothing was seen: it neither begins nor extends what is covered.
            _coverage = _coverage.WithMissing(e.MissingType, time);
            return;
        }

        if (_coverage.StartNs == long.MaxValue)
            _coverage = _coverage with { StartNs = TimeOf(in e) };
        _lastEventNs = Math.Max(_lastEventNs, time);

        if (e.Type != KernelEventType.Lost)
        {
            batches[ConnectionKey.Shard(e.LocalPort, e.PeerPort, _shards)].Add(in e);
            return;
        }

        // Whose events were lost is not known: every shard has to hear of it.
        _coverage = _coverage.With(new LossInterval((long)e.SinceNs, time, e.LostEvents));
        foreach (var batch in batches)
            batch.Add(in e);
    }

    private void KeepFrom(int released)
    {
        var kept = _count - released;
        if (released == 0 || kept == 0)
        {
            _count = kept;
            return;
        }

        // In place, in ascending order of position: a kept event never moves up.
        Array.Sort(_order, released, kept);
        for (var i = 0; i < kept; i++)
            _held[i] = _held[_order[released + i]];
        _count = kept;
    }
}
