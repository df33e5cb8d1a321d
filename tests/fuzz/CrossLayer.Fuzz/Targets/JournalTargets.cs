using System.IO.Compression;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Journal.Mapping;
using CrossLayer.Actors.Recording;
using CrossLayer.Actors.Tests.Journal;
using Google.Protobuf;
using Recorded = CrossLayer.Actors.Recording.Wire;

namespace CrossLayer.Fuzz.Targets;

/// <summary>Rows of the journal, which a disk may have harmed.</summary>
internal static class JournalTargets
{
    /// <summary>Discrepancies.</summary>
    public static FuzzTarget Discrepancy() => Event(
        "discrepancy", JournalSerializer.DiscrepancyFoundManifest,
        [.. new[] { Samples.Full, Samples.Later, Samples.Healthy(1) }.Select(sample => new DiscrepancyFound(sample).ToWire().ToByteArray())]);

    /// <summary>Summaries.</summary>
    public static FuzzTarget Summary()
    {
        var route = new RouteSummary("shop", "/a", 1, 2, 3, new Dictionary<Cause, long> { [Cause.PathLoss] = 1, [Cause.Unknown] = 2 }, new LatencySummary(1, 2, 3, 4));
        return Event("summary", JournalSerializer.IntervalSummaryManifest, [new IntervalSummary(1, 2, [route, route], 3, 4).ToWire().ToByteArray()]);
    }

    /// <summary>
    /// A recording's rows. The first byte chooses which; the checksum, which would keep all else from being tried, is put right.
    /// </summary>
    public static FuzzTarget Recording()
    {
        string[] manifests = ["RB1", "RH1", "RG1", "RE1", "?"];
        byte[][] seeds = [.. manifests.SelectMany((manifest, i) => Corpus.Rows(manifest).Take(3).Select(row => (byte[])[(byte)i, .. row]))];
        return new FuzzTarget("recording", input =>
        {
            if (input.Length < 1 + RecordingSerializer.ChecksumBytes)
                return "too short";
            var row = input[1..];
            RecordingSerializer.Seal(row);
            switch (RecordingSerializer.Read(row, manifests[input[0] % manifests.Length]))
            {
                case UnreadableRow unreadable: return unreadable.What;
                case Recorded.InputBatch batch: Use(batch); return null;
                default: return null;
            }
        }, IsRefusal, seeds);
    }

    /// <summary>The request records in a recording's row, before they are compressed. The first byte is how many inputs they are of.</summary>
    public static FuzzTarget RecordedRecords()
    {
        var record = new Recorded.TimedRecord { Record = Samples.Later.ClientRecord!.ToWire(default), StartNs = 1 };
        var batches = new Recorded.RecordBatches { Batches = { new Recorded.RecordBatch { Records = { record, record } }, new Recorded.RecordBatch() } };
        return new FuzzTarget("recorded-records", input =>
        {
            if (input.Length < 2)
                return "too short";
            var packed = new byte[BrotliEncoder.GetMaxCompressedLength(input.Length)];
            BrotliEncoder.TryCompress(input.AsSpan(1), packed, out var written, quality: 1, window: 18);
            var batch = new Recorded.InputBatch
            {
                EventLayout = KernelEventPacker.LayoutVersion,
                RecordsSize = (uint)input.Length - 1,
                Records = ByteString.CopyFrom(packed.AsSpan(0, written)),
            };
            batch.Inputs.AddRange(new uint[input[0] % 4]);
            Use(batch);
            return null;
        }, IsRefusal, [[2, .. batches.ToByteArray()]]);
    }

    private static bool IsRefusal(Exception exception) =>
        exception is InvalidDataException or InvalidProtocolBufferException or JournalFormatException;

    private static void Use(Recorded.InputBatch batch)
    {
        _ = (batch.EventCount(), batch.LastWatermark());
        foreach (var input in batch.FromWire())
        {
            if (input is RecordInput records)
            {
                foreach (var timed in records.Records)
                    RecordOutput.Write(Host.Files.RequestRecordJson.Kind, timed.Record);
            }
        }
    }

    private static FuzzTarget Event(string name, string manifest, byte[][] seeds) => new(name, input =>
    {
        if (JournalSerializer.Read(input, manifest) is DiscrepancyFound found)
            RecordOutput.Write(Host.Files.CorrelationJson.Kind, found.Correlation);
        return null;
    }, exception => exception is JournalFormatException, seeds);
}
