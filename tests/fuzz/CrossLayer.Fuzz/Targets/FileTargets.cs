using CrossLayer.Host;
using CrossLayer.Host.Files;

namespace CrossLayer.Fuzz.Targets;

/// <summary>Files that commands take.</summary>
internal static class FileTargets
{
    /// <summary>Request records.</summary>
    public static FuzzTarget Records() => Of("record-file", RequestRecordJson.Kind, Corpus.Lines("records.jsonl", 6), "\"request_id\":", "\"latency_ms\":");

    /// <summary>Kernel events.</summary>
    public static FuzzTarget KernelEvents() => Of("kernel-file", KernelEventJson.Kind, Corpus.Lines("ebpf_events.jsonl", 8),
        "\"event_type\":", "\"missing\"", "\"missing_type\":", "\"lost\"", "\"comm\":", "\\x5c", "\"old_state\":", "\"reason_name\":", "\"fin_sent\":true");

    /// <summary>Correlations.</summary>
    public static FuzzTarget Correlations()
    {
        using var json = new JsonBytes();
        CorrelationJson.Kind.Write(json.Writer, Actors.Tests.Journal.Samples.Later);
        var one = System.Text.Encoding.UTF8.GetString(json.Written);
        return Of("correlations", CorrelationJson.Kind, Corpus.Of(one, $"{{\"summary\":{{\"a\":1}},\"correlations\":[{one},{one}]}}"),
            "\"summary\":", "\"correlations\":", "\"exchange\":", "\"record\":", "\"match\":", "\"ledger\":");
    }

    private static FuzzTarget Of<T>(string name, RecordKind<T> kind, byte[][] seeds, params string[] tokens) => new(name, input =>
    {
        using var reader = RecordReader<T>.Over(name, new MemoryStream(input), kind);
        foreach (var record in reader.ReadAll())
            RecordOutput.WriteAndRead(kind, in record);
        return null;
    }, exception => exception is InputException, seeds, tokens);
}
