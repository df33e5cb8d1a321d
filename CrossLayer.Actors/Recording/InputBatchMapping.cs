using System.Buffers;
using System.IO.Compression;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Journal.Mapping;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using Google.Protobuf;

namespace CrossLayer.Actors.Recording;

/// <summary>The graph's input to and from its stored form.</summary>
internal static class InputBatchMapping
{
    private const int MaxRecordBytes = 64 * 1024 * 1024;
    private const int Quality = 2;
    private const int Window = 22;

    /// <summary>Encodes inputs.</summary>
    /// <param name="firstOrdinal">The number of the first.</param>
    /// <param name="inputs">For each the number of its kernel events and its watermark; -1 events where it is one of request records.</param>
    /// <param name="events">The kernel events of all.</param>
    /// <param name="records">The request records of those that have them.</param>
    public static Wire.InputBatch ToWire(long firstOrdinal, IReadOnlyList<(int Events, long WatermarkNs)> inputs, ReadOnlySpan<KernelEvent> events,
        IReadOnlyList<RecordInput> records)
    {
        var wire = new Wire.InputBatch
        {
            FirstOrdinal = firstOrdinal,
            EventLayout = KernelEventPacker.LayoutVersion,
            Events = UnsafeByteOperations.UnsafeWrap(KernelEventPacker.Pack(events)),
        };
        long watermark = 0;
        foreach (var input in inputs)
        {
            wire.Inputs.Add((uint)(input.Events + 1));
            if (input.Events < 0)
                continue;
            wire.Watermarks.Add(unchecked(input.WatermarkNs - watermark));
            watermark = input.WatermarkNs;
        }

        if (records.Count == 0)
            return wire;
        var batches = new Wire.RecordBatches();
        foreach (var batch in records)
        {
            var stored = new Wire.RecordBatch();
            stored.Records.AddRange(batch.Records.Select(ToWire));
            if (batch.EndNs != long.MaxValue)
                stored.EndNs = batch.EndNs;
            batches.Batches.Add(stored);
        }

        (wire.RecordsSize, wire.Records) = Compress(batches.ToByteArray());
        return wire;
    }

    /// <summary>The inputs of a stored batch, in their order. Each kernel batch is the caller's to return.</summary>
    /// <exception cref="InvalidDataException">It does not hold what it says.</exception>
    public static List<PipelineInput> FromWire(this Wire.InputBatch wire)
    {
        if (wire.EventLayout != KernelEventPacker.LayoutVersion)
            throw new InvalidDataException($"its kernel events have layout {wire.EventLayout}, and this version knows {KernelEventPacker.LayoutVersion}");
        var count = wire.Inputs.Sum(input => input > 0 ? (long)input - 1 : 0);
        var events = KernelEventPacker.Unpack(wire.Events.Span, (int)Math.Min(count, int.MaxValue)).AsSpan();
        var records = wire.RecordsSize == 0 ? [] : ReadRecords(wire).Batches;
        var (usedEvents, usedWatermarks, usedRecords, watermark) = (0, 0, 0, 0L);
        if (wire.Watermarks.Count != wire.Inputs.Count(input => input > 0) || records.Count != wire.Inputs.Count(input => input == 0))
            throw new InvalidDataException("its inputs are not as many as it says");
        var inputs = new List<PipelineInput>(wire.Inputs.Count);
        foreach (var input in wire.Inputs)
        {
            if (input == 0)
            {
                var stored = records[usedRecords++];
                inputs.Add(new RecordInput([.. stored.Records.Select(FromWire)]) { EndNs = stored.HasEndNs ? stored.EndNs : long.MaxValue });
                continue;
            }

            watermark = unchecked(watermark + wire.Watermarks[usedWatermarks++]);
            inputs.Add(new KernelInput(new KernelEventBatch(events.Slice(usedEvents, (int)input - 1), watermark)));
            usedEvents += (int)input - 1;
        }

        return inputs;
    }

    /// <summary>Kernel events of a stored batch, without reading them.</summary>
    public static long EventCount(this Wire.InputBatch wire) => wire.Inputs.Sum(input => input > 0 ? (long)input - 1 : 0);

    /// <summary>The watermark at its end, without reading its events; null if it has none.</summary>
    public static long? LastWatermark(this Wire.InputBatch wire) =>
        wire.Watermarks.Count == 0 ? null : wire.Watermarks.Aggregate(0L, (sum, difference) => unchecked(sum + difference));

    /// <summary>A pair of clock readings.</summary>
    public static Wire.ClockOffset ToWire(this ClockOffset offset) =>
        new() { MonotonicNs = offset.MonotonicNs, UnixNs = offset.UnixNs, ErrorNs = offset.ErrorNs };

    /// <inheritdoc cref="ToWire(ClockOffset)"/>
    public static ClockOffset FromWire(this Wire.ClockOffset wire) => new(wire.MonotonicNs, wire.UnixNs, wire.ErrorNs);

    /// <summary>The kernel's names for its reasons.</summary>
    public static Wire.ReasonNames ToWire(this ReasonNames names)
    {
        var wire = new Wire.ReasonNames();
        foreach (var (number, name) in names.Drops.OrderBy(pair => pair.Key))
            wire.Drops.Add(number, name);
        foreach (var (number, name) in names.Resets.OrderBy(pair => pair.Key))
            wire.Resets.Add(number, name);
        return wire;
    }

    private static Wire.TimedRecord ToWire(TimedRecord timed)
    {
        var wire = new Wire.TimedRecord { Record = timed.Record.ToWire(default), StartInDoubt = timed.StartIsInDoubt };
        if (timed.StartNs is { } start)
            wire.StartNs = start;
        return wire;
    }

    private static TimedRecord FromWire(Wire.TimedRecord wire) => new(
        (wire.Record ?? throw JournalFormatException.Missing("a record")).FromWire(default), wire.HasStartNs ? wire.StartNs : null)
    {
        StartIsInDoubt = wire.StartInDoubt,
    };

    private static (uint Size, ByteString Packed) Compress(byte[] bytes)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        if (!BrotliEncoder.TryCompress(bytes, packed, out var written, Quality, Window))
            throw new InvalidOperationException($"{bytes.Length} bytes of request records could not be compressed");
        return ((uint)bytes.Length, UnsafeByteOperations.UnsafeWrap(packed.AsMemory(0, written)));
    }

    private static Wire.RecordBatches ReadRecords(Wire.InputBatch wire)
    {
        if (wire.RecordsSize > MaxRecordBytes)
            throw new InvalidDataException($"it tells of {wire.RecordsSize} bytes of request records in one row");
        var size = (int)wire.RecordsSize;
        var bytes = Brotli.TryRent(wire.Records.Span, size)
            ?? throw new InvalidDataException($"it does not hold {size} bytes of request records");
        try
        {
            return Wire.RecordBatches.Parser.ParseFrom(bytes, 0, size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
