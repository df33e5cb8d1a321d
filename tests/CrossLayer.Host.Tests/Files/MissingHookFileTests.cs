using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Probe;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Host.Tests.Files;

/// <summary>What the hooks do not tell of is a part of the recording: offline the verdicts are the same.</summary>
public sealed class MissingHookFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_recording_with_a_missing_hook_gives_the_same_correlations_from_its_file_and_all_are_inconclusive()
    {
        var shape = Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "fixtures", "shapes")).Order(StringComparer.Ordinal).First();
        var recorded = Records.ReadFile(KernelEventJson.Kind, Path.Combine(shape, "ebpf_events.jsonl"));
        var reported = Records.ReadFile(RequestRecordJson.Kind, Path.Combine(shape, "records.jsonl"));
        var missing = recorded[0] with { Event = new KernelEvent { Type = KernelEventType.Missing, MissingType = KernelEventType.Acked } };
        missing.Event.TimestampNs = recorded.Min(dated => dated.Event.TimestampNs) - 1;
        missing.UnixNs--;
        DatedKernelEvent[] events = [missing, .. recorded];
        var path = _folder.File("events.json");
        using (var writer = RecordWriter<DatedKernelEvent>.Create(path, KernelEventJson.Kind))
            writer.Append(events);

        var direct = await CorrelateAsync(events, reported);
        var offline = await CorrelateAsync(Records.ReadFile(KernelEventJson.Kind, path), reported);

        Assert.NotEmpty(direct);
        Assert.Equal(direct, offline);
        Assert.Contains(await CorrelateAsync(recorded, reported), c => c.Finding.Verdict != Verdict.Inconclusive);
        Assert.All(offline, c => Assert.Equal(
            (Verdict.Inconclusive, "this kernel's hooks do not tell of acked events, or not of all", false),
            (c.Finding.Verdict, c.Finding.Reason, c.EvidenceComplete)));
    }

    public void Dispose() => _folder.Dispose();

    private static Task<IReadOnlyList<Correlation>> CorrelateAsync(IEnumerable<DatedKernelEvent> events, IReadOnlyList<RequestRecord> records) =>
        ShapePipeline.RunAsync(events.Select(dated => (dated.Event, dated.UnixNs)), records, []);
}
