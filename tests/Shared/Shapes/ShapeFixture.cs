using System.Text.Json;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Tests.Shapes;

/// <summary>A recorded run of a shape: kernel events, records, and the correlations that follow from them.</summary>
/// <param name="Folder">Where it is kept.</param>
internal sealed record ShapeFixture(string Folder)
{
    private const string Routes = "expected_slow_routes";

    private string EventsPath => Path.Combine(Folder, "ebpf_events.jsonl");
    private string RecordsPath => Path.Combine(Folder, "records.jsonl");
    private string ExpectedPath => Path.Combine(Folder, "expected.json");

    /// <summary>The reporters for which correlations are expected.</summary>
    internal IReadOnlyList<Reporters> Reporters()
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(ExpectedPath));
        return [.. Enum.GetValues<Reporters>().Where(reporters => expected.RootElement.TryGetProperty(Name(reporters), out _))];
    }

    /// <summary>The correlations that are expected, a line each.</summary>
    internal IReadOnlyList<string> Expected(Reporters reporters)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(ExpectedPath));
        return [.. expected.RootElement.GetProperty(Name(reporters)).EnumerateArray().Select(json => ExpectedCorrelation.From(json).ToLine())];
    }

    /// <summary>The correlations that the graph gives, a line each.</summary>
    internal async Task<IReadOnlyList<string>> ReplayAsync(Reporters reporters)
    {
        using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(ExpectedPath));
        string[] routes = expected.RootElement.TryGetProperty(Routes, out var given) ? [.. given.EnumerateArray().Select(route => route.GetString()!)] : [];
        using var events = RecordReader<DatedKernelEvent>.Open(EventsPath, KernelEventJson.Kind);
        using var records = RecordReader<RequestRecord>.Open(RecordsPath, RequestRecordJson.Kind);
        var correlations = await ShapePipeline.RunAsync(
            events.ReadAll().Select(dated => (dated.Event, dated.UnixNs)),
            [.. records.ReadAll().Where(record => reporters.Include(record.Role))],
            routes);
        return Lines(correlations);
    }

    /// <summary>Keeps a run, in the place of an earlier one.</summary>
    internal void Write(IEnumerable<DatedKernelEvent> events, IEnumerable<RequestRecord> records,
        IReadOnlyList<string> expectedSlowRoutes, IReadOnlyDictionary<Reporters, IReadOnlyList<Correlation>> correlations)
    {
        using (var writer = RecordWriter<DatedKernelEvent>.Create(EventsPath, KernelEventJson.Kind))
            writer.Append(events.ToArray());
        using (var writer = RecordWriter<RequestRecord>.Create(RecordsPath, RequestRecordJson.Kind))
            writer.Append(records.ToArray());
        var parts = correlations.OrderBy(pair => pair.Key)
            .Select(pair => $"  \"{Name(pair.Key)}\": [\n    {string.Join(",\n    ", Lines(pair.Value))}\n  ]");
        if (expectedSlowRoutes.Count > 0)
            parts = parts.Prepend($"  \"{Routes}\": {JsonSerializer.Serialize(expectedSlowRoutes)}");
        File.WriteAllText(ExpectedPath, $"{{\n{string.Join(",\n", parts)}\n}}\n");
    }

    /// <summary>In order of closing, as the graph gives them.</summary>
    internal static IReadOnlyList<string> Lines(IEnumerable<Correlation> correlations) =>
        [.. correlations.Select(correlation => ExpectedCorrelation.Of(correlation).ToLine())];

    private static string Name(Reporters reporters) => $"reported_by_{JsonNamingPolicy.SnakeCaseLower.ConvertName(reporters.ToString())}";
}
