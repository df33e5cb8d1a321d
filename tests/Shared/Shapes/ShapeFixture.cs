using System.Text.Json;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

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
        var routes = await SlowRoutesAsync();
        using var events = RecordReader<DatedKernelEvent>.Open(EventsPath, KernelEventJson.Kind);
        using var records = RecordReader<RequestRecord>.Open(RecordsPath, RequestRecordJson.Kind);
        var correlations = await ShapePipeline.RunAsync(
            events.ReadAll().Select(dated => (dated.Event, dated.UnixNs)).ToList(),
            [.. records.ReadAll().Where(record => reporters.Include(record.Role))],
            routes);
        return Lines(correlations);
    }

    /// <summary>
    /// The correlations that the graph gives, a line each, where the servers' sockets and applications are on a host of their own, whose
    /// monotonic and wall clocks are ahead by so much; and its clock, as found. Null where no traffic aligns the clocks.
    /// </summary>
    internal async Task<(IReadOnlyList<string> Lines, PeerClock Clock)?> ReplayAsTwoHostsAsync(Reporters reporters, long monotonicNs, long wallNs)
    {
        var routes = await SlowRoutesAsync();
        var (client, server) = AsTwoHosts(reporters, monotonicNs, wallNs);
        if (HostRecording.Align(client, server) is not { } aligned)
            return null;
        return (Lines(await ShapePipeline.RunAsync([client, aligned], routes)), aligned.Clock);
    }

    /// <summary>The correlations that two graphs give, a line each, that of the clients' host and that of the servers', between which the halves are joined.</summary>
    internal async Task<IReadOnlyList<string>> ReplayAsHalvesAsync(Reporters reporters, long monotonicNs, long wallNs)
    {
        var (client, server) = AsTwoHosts(reporters, monotonicNs, wallNs);
        return Lines(await HalvesPipeline.RunAsync(client, server, await SlowRoutesAsync()));
    }

    /// <summary>What the clients' host and the servers' host would have recorded, the server's monotonic and wall clocks being ahead by so much.</summary>
    internal (HostRecording Client, HostRecording Server) AsTwoHosts(Reporters reporters, long monotonicNs, long wallNs)
    {
        using var reader = RecordReader<DatedKernelEvent>.Open(EventsPath, KernelEventJson.Kind);
        var events = reader.ReadAll().ToList();
        using var records = RecordReader<RequestRecord>.Open(RecordsPath, RequestRecordJson.Kind);
        var reported = records.ReadAll().Where(record => reporters.Include(record.Role)).ToList();
        var servers = events.Where(dated => dated.Event.Role == SocketRole.Passive).Select(dated => dated.Event.SocketCookie).ToHashSet();
        var client = new HostRecording(
            [.. events.Where(dated => !servers.Contains(dated.Event.SocketCookie)).Select(dated => (dated.Event, dated.UnixNs))],
            [RecordSource.Of(reported.FindAll(record => record.Role == RequestRole.Client))]);
        var server = new HostRecording(
            [.. events.Where(dated => servers.Contains(dated.Event.SocketCookie) || !dated.Event.IsOfKernel).Select(Ahead)],
            [RecordSource.Of([.. reported.Where(record => record.Role == RequestRole.Server).Select(record => record with { StartUnixNs = record.StartUnixNs + wallNs })])]);
        return (client, server);

        (KernelEvent, long) Ahead(DatedKernelEvent dated)
        {
            var e = dated.Event;
            e.TimestampNs += (ulong)monotonicNs;
            e.SinceNs += e.SinceNs == 0 ? 0 : (ulong)monotonicNs;
            return (e, dated.UnixNs + wallNs);
        }
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

    private async Task<string[]> SlowRoutesAsync()
    {
        using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(ExpectedPath));
        return expected.RootElement.TryGetProperty(Routes, out var given) ? [.. given.EnumerateArray().Select(route => route.GetString()!)] : [];
    }

    private static string Name(Reporters reporters) => $"reported_by_{JsonNamingPolicy.SnakeCaseLower.ConvertName(reporters.ToString())}";
}
