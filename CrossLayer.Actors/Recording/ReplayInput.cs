using CrossLayer.Actors.Graph;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using Google.Protobuf;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// Makes the graph's input of a recording's rows: the batches as they were, and where some are missing a loss of kernel events over
/// their time, so that what it touches is inconclusive. Plain state.
/// </summary>
internal sealed class ReplayInput
{
    private const int MostReasons = 16;

    private readonly List<string> _reasons = [];
    private readonly long? _untilUnixNs;
    private readonly long? _fromUnixNs;
    private ClockHistory? _clock;
    private long? _next;
    private long? _watermarkNs;
    private long _lastEventNs = long.MinValue;
    private long _lastSequenceNr;
    private bool _isOpen; // a gap whose end is not known yet
    private bool _isBegun;

    /// <param name="fromUnixNs">What is before this, in nanoseconds since the Unix epoch, is passed over; null for nothing.</param>
    /// <param name="untilUnixNs">The input ends when its time has passed this; null for its own end.</param>
    public ReplayInput(long? fromUnixNs = null, long? untilUnixNs = null) => (_fromUnixNs, _untilUnixNs) = (fromUnixNs, untilUnixNs);

    /// <summary>Rows read.</summary>
    public long Rows { get; private set; }

    /// <summary>Kernel events given.</summary>
    public long Events { get; private set; }

    /// <summary>Request records given.</summary>
    public long Records { get; private set; }

    /// <summary>Stretches of input that are missing.</summary>
    public long Gaps { get; private set; }

    /// <summary>Rows that could not be read.</summary>
    public long UnreadableRows { get; private set; }

    /// <summary>Why input is missing; the first few.</summary>
    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>The session ended in order.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>The time asked for has passed.</summary>
    public bool IsPast { get; private set; }

    /// <summary>How wall time stood to the kernel's; null where the recording does not tell.</summary>
    public ClockHistory? Clock => _clock;

    /// <summary>The last watermark, CLOCK_MONOTONIC nanoseconds; null if there was none.</summary>
    public long? LastNs => _watermarkNs;

    /// <summary>Takes a row.</summary>
    /// <returns>The input that follows from it. Each kernel batch is the caller's to return.</returns>
    public IEnumerable<PipelineInput> Apply(long sequenceNr, object row)
    {
        Rows++;
        if (_lastSequenceNr > 0 && sequenceNr > _lastSequenceNr + 1)
            Miss($"{sequenceNr - _lastSequenceNr - 1} rows before row {sequenceNr} are not there");
        _lastSequenceNr = sequenceNr;
        switch (row)
        {
            case Wire.Part part:
                Follow(part.Clock);
                _watermarkNs ??= part.HasWatermarkNs ? part.WatermarkNs : null;
                _next ??= part.FirstOrdinal;
                if (part.FirstOrdinal > _next)
                    Skip(part.FirstOrdinal, null);
                return [];
            case Wire.Gap gap:
                if (gap.EndOrdinal > _next)
                    Skip(gap.EndOrdinal, $"{gap.Events} kernel events and {gap.Records} records went by unrecorded: {gap.Reason}");
                return [];
            case Wire.InputBatch batch:
                Follow(batch.Clock);
                return Inputs(sequenceNr, batch);
            case Wire.End end:
                if (end.EndOrdinal > _next)
                    Skip(end.EndOrdinal, null);
                IsEnded = true;
                return [];
            case UnreadableRow unreadable:
                UnreadableRows++;
                Miss($"row {sequenceNr} is {unreadable.What}");
                return [];
            default:
                UnreadableRows++;
                Miss($"row {sequenceNr} is no row of a recording");
                return [];
        }
    }

    /// <summary>What follows when no more rows come: a gap at the end reaches as far as anything is known.</summary>
    public IEnumerable<PipelineInput> End()
    {
        if (!_isOpen || _watermarkNs is not { } watermark)
            return [];
        _isOpen = false;
        return [new KernelInput(new KernelEventBatch([Lost(watermark, Math.Max(watermark, _lastEventNs))], watermark))];
    }

    private List<PipelineInput> Inputs(long sequenceNr, Wire.InputBatch batch)
    {
        if (batch.FirstOrdinal < _next || IsPast)
            return []; // written twice, where the disk's first answer was lost
        if (IsBeforeStart(batch))
        {
            (_next, _watermarkNs) = (batch.FirstOrdinal + batch.Inputs.Count, batch.LastWatermark() ?? _watermarkNs);
            return [];
        }

        List<PipelineInput> inputs;
        try
        {
            inputs = batch.FromWire();
        }
        catch (Exception damage) when (damage is InvalidDataException or InvalidProtocolBufferException or Journal.JournalFormatException)
        {
            UnreadableRows++;
            Miss($"row {sequenceNr} cannot be used: {damage.Message}");
            return [];
        }

        if (batch.FirstOrdinal > (_next ?? batch.FirstOrdinal))
            Skip(batch.FirstOrdinal, null);
        _next = batch.FirstOrdinal + batch.Inputs.Count;
        _isBegun = true;
        for (var i = 0; i < inputs.Count; i++)
            inputs[i] = Count(inputs[i]);
        IsPast = _untilUnixNs is { } until && _watermarkNs is { } watermark && _clock?.ToUnixNs(watermark) > until;
        return inputs;
    }

    private bool IsBeforeStart(Wire.InputBatch batch) =>
        !_isBegun && _fromUnixNs is { } from && _clock is not null && (batch.LastWatermark() is not { } watermark || _clock.ToUnixNs(watermark) < from);

    private PipelineInput Count(PipelineInput input)
    {
        if (input is RecordInput { Records: var records })
        {
            Records += records.Count;
            return input;
        }

        var batch = ((KernelInput)input).Batch;
        Events += batch.Count;
        if (_isOpen)
            batch = WithLoss(batch);
        _watermarkNs = batch.WatermarkNs;
        foreach (ref readonly var e in batch.Events)
            _lastEventNs = Math.Max(_lastEventNs, (long)e.TimestampNs);
        return new KernelInput(batch);
    }

    /// <summary>What was lost is newer than the last watermark, and not newer than what the first batch after it brings.</summary>
    private KernelEventBatch WithLoss(KernelEventBatch batch)
    {
        _isOpen = false;
        var (oldest, newest) = (long.MaxValue, long.MinValue);
        foreach (ref readonly var e in batch.Events)
            (oldest, newest) = (Math.Min(oldest, (long)e.TimestampNs), Math.Max(newest, (long)e.TimestampNs));
        var until = Math.Max(batch.WatermarkNs, newest);
        using (batch)
            return new KernelEventBatch([Lost(_watermarkNs ?? Math.Min(oldest, batch.WatermarkNs), until), .. batch.Events], batch.WatermarkNs);
    }

    private static KernelEvent Lost(long sinceNs, long untilNs) =>
        new() { Type = KernelEventType.Lost, SinceNs = (ulong)sinceNs, TimestampNs = (ulong)untilNs };

    private void Skip(long next, string? why)
    {
        // A row that is missing has told its reason already.
        if (!_isOpen || why is not null)
            Miss(why ?? $"inputs {_next} to {next - 1} are not recorded");
        _next = next;
    }

    private void Miss(string reason)
    {
        if (!_isOpen)
            Gaps++;
        _isOpen = true;
        if (_reasons.Count < MostReasons)
            _reasons.Add(reason);
    }

    private void Follow(IEnumerable<Wire.ClockOffset> offsets)
    {
        foreach (var offset in offsets.Select(InputBatchMapping.FromWire))
        {
            if (_clock is null)
                _clock = new ClockHistory(offset);
            else if (offset.MonotonicNs > _clock.Entries[^1].MonotonicNs)
                _clock.Add(offset);
        }
    }
}
