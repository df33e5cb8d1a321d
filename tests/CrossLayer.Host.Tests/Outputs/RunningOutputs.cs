using System.Net;
using Akka.Configuration;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Kernel;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Outputs;
using CrossLayer.Host.Outputs.Metrics;
using CrossLayer.Host.Tests.Files;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>The daemon's outputs, served at a real socket, with a daemon around them that says what a test wants.</summary>
internal sealed class RunningOutputs : IAsyncDisposable
{
    private RunningOutputs(DaemonOutputs outputs) => Outputs = outputs;

    public DaemonOutputs Outputs { get; }

    public static DateTimeOffset Started { get; } = new(2026, 1, 31, 10, 0, 0, TimeSpan.Zero);

    public HttpClient Client { get; private set; } = null!;

    public Uri Url => Client.BaseAddress!;

    public static ProbeStatus Attached { get; } = new(
        null, [new HookStatus("sends", HookNeed.Verdict, null, [], null, [])], new ProbeCounters(100, 97, 3, 1), new ClockHistory(new ClockOffset(0, 0, 0)));

    public static DaemonReadings Daemon { get; } = new()
    {
        Probe = () => Task.FromResult(Attached),
        ProbeCost = () => new ProbeCost(2_500_000_000, 42, 4096, 1 << 20),
        ActorsAlive = () => true,
        Journal = () => new JournalReading(true, null, Started, 11, 2),
        Intakes = () => [Intake("http", 5), Intake("otlp_http", 0)],
        Sources = () => [new ComponentState("source:http", true, null, Started)],
        Shed = () => new Dictionary<string, long> { ["records"] = 9, ["batches"] = 1 },
        Cluster = () => ClusterReading.None with { Members = [new ClusterMember("akka.tcp://crosslayer@10.0.0.1:4053#1", "up", true, ["10.0.0.1"])], Lanes = [3, 4] },
        Limits = new CorrelationSettings(),
    };

    public static async Task<RunningOutputs> StartAsync(DaemonReadings? daemon = null, string settings = "", TimeProvider? time = null)
    {
        var config = ConfigurationFactory.ParseString($"crosslayer.outputs.http.listen = \"127.0.0.1:0\"\n{settings}");
        var running = new RunningOutputs(new DaemonOutputs(OutputSettings.From(config), daemon ?? Daemon, time ?? TimeProvider.System, NullLogger.Instance));
        await running.Outputs.StartAsync(CancellationToken.None);
        running.Client = new HttpClient { BaseAddress = new Uri($"http://{running.Outputs.Address}"), Timeout = TimeSpan.FromSeconds(20) };
        return running;
    }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Reads metrics until they say something.</summary>
    public async Task<MetricsText> UntilAsync(Func<MetricsText, bool> condition)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var page = MetricsText.Parse((await GetAsync("/metrics")).Text);
            if (condition(page))
                return page;
            await Task.Delay(10, bound.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Outputs.DisposeAsync();
    }

    private static RecordIntake Intake(string source, int malformed)
    {
        var intake = new RecordIntake(source, new Taker(), TimeProvider.System);
        intake.OfferAsync([Records.Request(1), Records.Request(2)], CancellationToken.None).GetAwaiter().GetResult();
        if (malformed > 0)
            intake.Reject(Rejection.Malformed, malformed);
        return intake;
    }

    private sealed class Taker : IRecordSink
    {
        public Task<RequestsReported> OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation) =>
            Task.FromResult(new RequestsReported(records.Count, 0));
    }
}
