using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;
using CrossLayer.Probe;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>The same traffic watched by two probes, one of which tells of exchanges in summaries: the verdicts are the same.</summary>
[Collection("lab")]
public sealed class SummaryModeTests(SummaryModeLab lab) : IClassFixture<SummaryModeLab>
{
    /// <summary>Of the requests, at least so many are settled from each recording: where nothing is, there is nothing to differ.</summary>
    private const double LeastSettled = 0.5;

    /// <summary>Where several requests share an exchange, a summary does not tell which bytes came when.</summary>
    private static readonly string[] s_sharing = ["http2", "pipelining"];

    /// <summary>What is played, by name: faults whose signs lie in single events or in times between calls, and what is easily taken for one.</summary>
    public static TheoryData<string> Names { get; } = new(
        Environment.GetEnvironmentVariable("CROSSLAYER_ALL_SCENARIOS") == "1"
            ? ScenarioCatalog.Everything.Select(scenario => scenario.Name).Where(name => name != "normal")
            : ["path_loss", "silent_response_loss", "process_stall", "half_close", "paced_upload", "pipelining"]);

    [RequiresLabTheory, MemberData(nameof(Names))]
    public async Task Summaries_give_the_verdicts_of_each_call(string scenario)
    {
        var (label, full, summarised) = await lab.PlayAsync(scenario);

        Assert.True(Assert.Single(label.Faults).Applied);
        Assert.Equal(full.Said.Keys.Order(), summarised.Said.Keys.Order());
        var differences = full.Said.Where(pair => Differ(pair.Value, summarised.Said[pair.Key]))
            .Select(pair => $"{pair.Key}: {pair.Value} | {summarised.Said[pair.Key]}").ToList();
        Assert.True(differences.Count == 0,
            $"{differences.Count} of {full.Said.Count}, losses: {full.HasLoss}, {summarised.HasLoss}:\n{string.Join('\n', differences.Take(8))}");
        if (s_sharing.Contains(scenario))
            return;
        foreach (var recording in new[] { full, summarised })
            Assert.InRange(recording.Said.Values.Count(said => said.Verdict != Verdict.Inconclusive), LeastSettled * label.Requests.Count, double.MaxValue);
        Assert.True(summarised.Records < full.Records, $"{summarised.Records} records instead of {full.Records}");

        bool Differ(Said one, Said other) => one.Answer != other.Answer
            && !(one.Verdict == Verdict.Inconclusive && full.HasLoss)
            && !(other.Verdict == Verdict.Inconclusive && (summarised.HasLoss || s_sharing.Contains(scenario)));
    }
}

/// <summary>A lab with the two probes; made when the first episode is played.</summary>
public sealed class SummaryModeLab : IAsyncLifetime
{
    private const int FaultMs = 4000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crosslayer-summaries-");
    private LabSession? _session;
    private KernelProbe? _telling;
    private KernelProbe? _summarising;
    private EventRecorder? _full;
    private EventRecorder? _summaries;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_summaries is not null)
            await _summaries.DisposeAsync();
        if (_full is not null)
            await _full.DisposeAsync();
        if (_session is not null)
            await _session.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Plays an episode, and gives what follows from each probe's events.</summary>
    internal async Task<(EpisodeLabel Label, Watched Full, Watched Summarised)> PlayAsync(string scenario)
    {
        _session ??= await LabSession.StartAsync(CancellationToken.None);
        _summaries ??= new EventRecorder(_summarising = Start(ProbeMode.Summary), _session.Ends());
        _full ??= new EventRecorder(_telling = Start(ProbeMode.Full), _session.Ends());
        await _summaries.TakeAsync(CancellationToken.None);
        var (calls, summaries) = (_telling!.Counters.Made, _summarising!.Counters.Made);
        var path = Path.Combine(_folder.FullName, scenario);
        var label = await new EpisodeRun(_session, _full).RunAsync(
            new EpisodePlan
            {
                Number = 1,
                Kind = ScenarioCatalog.Of(scenario).Cause is null ? EpisodeKind.Negative : EpisodeKind.Fault,
                Faults = [new PlannedFault(scenario, Intensity.Medium)],
                Seed = 1,
                QuietMs = 500,
                HoldMs = ScenarioCatalog.Of(scenario) is Negative negative ? (int)negative.Hold.TotalMilliseconds : FaultMs,
                AfterMs = 500,
            },
            path, CancellationToken.None);
        var summarised = await _summaries.TakeAsync(CancellationToken.None);
        (calls, summaries) = (_telling.Counters.Made - calls, _summarising.Counters.Made - summaries);
        RequestRecord[] records =
        [
            .. Read(Path.Combine(path, EpisodeInput.ClientFile), RequestRecordJson.Kind),
            .. Read(Path.Combine(path, EpisodeInput.ServerFile), RequestRecordJson.Kind),
        ];
        var full = Read(Path.Combine(path, EpisodeInput.KernelFile), KernelEventJson.Kind);
        // Taken a little later: what came meanwhile is not in the other.
        var end = full.Max(dated => dated.Event.ToldNs);
        return (label, await CorrelateAsync(full, records, calls),
            await CorrelateAsync([.. summarised.Where(dated => dated.Event.ToldNs <= end)], records, summaries));
    }

    private static KernelProbe Start(ProbeMode mode) =>
        KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = LabSession.Ports }, Mode = mode });

    private static async Task<Watched> CorrelateAsync(IReadOnlyList<DatedKernelEvent> events, RequestRecord[] made, ulong records) => new(
        (await ShapePipeline.RunAsync(events.Select(dated => (dated.Event, dated.UnixNs)), made, []))
            .Where(correlation => correlation is { ClientRecord: not null } or { ServerRecord: not null })
            .GroupBy(correlation => correlation.RequestId.ToString())
            .ToDictionary(group => group.Key, group => Said.Of(group.First())),
        records,
        events.Any(dated => dated.Event.Type == KernelEventType.Lost));

    private static List<T> Read<T>(string path, RecordKind<T> kind)
    {
        using var reader = RecordReader<T>.Open(path, kind);
        return [.. reader.ReadAll()];
    }
}

/// <summary>What follows from one probe's events.</summary>
/// <param name="Said">What was said of each request that was reported.</param>
/// <param name="Records">How many records the kernel side made.</param>
/// <param name="HasLoss">Some were lost, or missed.</param>
internal sealed record Watched(IReadOnlyDictionary<string, Said> Said, ulong Records, bool HasLoss);

/// <summary>What was said of a request, and from which exchanges.</summary>
internal sealed record Said(Verdict Verdict, Cause? Cause, BlindLayer BlindLayer, MatchMethod Method, string? Reason, string Client, string Server)
{
    /// <summary>What has to be the same: reasons have figures in them.</summary>
    internal (Verdict, Cause?, BlindLayer, MatchMethod) Answer => (Verdict, Cause, BlindLayer, Method);

    internal static Said Of(Correlation correlation) =>
        new(correlation.Finding.Verdict, correlation.Finding.Cause, correlation.Finding.BlindLayer, correlation.Match.Method, correlation.Finding.Reason,
            Short(correlation.ClientExchange), Short(correlation.ServerExchange));

    private static string Short(Exchange? exchange) => exchange is null ? "" :
        $"#{exchange.Ordinal} of {exchange.SocketCookie} at {exchange.Local}{(exchange.Complete ? "" : ", not complete")}, {exchange.EventCount} events, "
        + $"connected {exchange.ConnectStartNs}-{exchange.ConnectEndNs}, {exchange.FirstNs}-{exchange.LastNs}, closed {exchange.ClosedNs}, request {exchange.Request}, response {exchange.Response}";
}
