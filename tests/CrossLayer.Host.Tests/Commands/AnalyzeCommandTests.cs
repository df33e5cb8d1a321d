using System.CommandLine;
using System.Text.Json;
using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Tests.Analysis;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Commands;

public sealed class AnalyzeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ExperimentFolder Folder => new(_folder.Root);

    [Fact]
    public async Task An_experiment_becomes_files_and_a_table()
    {
        WriteExperiment();

        var (exitCode, output, _) = await RunAsync(["--input", _folder.Root]);

        Assert.Equal(ExitCode.Done, exitCode);
        Assert.StartsWith("Of 6 impacted requests in 3 episodes with a fault at a known level", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^ +cross_layer +│? *66\.7 % \(", output);
        Assert.Equal(
            ["episodes.csv", "report.html", "report.md", "requests.csv", "slow-routes.conf", "summary.json"],
            Directory.EnumerateFiles(Folder.Analysis).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var summary = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder.Analysis, "summary.json")));
        var recall = summary.RootElement.GetProperty("experiment").GetProperty("scopes")[0].GetProperty("detectors")[3].GetProperty("impacted").GetProperty("recall");
        Assert.Equal((4, 6, "cluster_bootstrap"), (recall.GetProperty("numerator").GetInt32(), recall.GetProperty("denominator").GetInt32(), recall.GetProperty("method").GetString()));
        Assert.True(recall.GetProperty("interval").GetProperty("low").GetDouble() < 4.0 / 6);
        // Every episode was shown once: 2 requests each.
        Assert.Equal(10, summary.RootElement.GetProperty("metrics").EnumerateArray().Single(of => of.GetProperty("name").GetString() == "fault").GetProperty("application").GetProperty("requests").GetInt32());
    }

    [Fact]
    public async Task What_was_learned_to_be_slow_is_a_configuration_and_in_the_report()
    {
        WriteExperiment();

        await RunAsync(["--input", _folder.Root]);

        var config = ConfigurationFactory.ParseString(await File.ReadAllTextAsync(Path.Combine(Folder.Analysis, "slow-routes.conf")));
        Assert.Equal(
            [new SlowRoute(RequestRole.Client, "/a", TimeSpan.FromMilliseconds(12.5)), new SlowRoute(RequestRole.Server, "/a", TimeSpan.FromMilliseconds(2))],
            CorrelationSettings.From(config.WithFallback(DefaultConfiguration.Load())).SlowRoutes);
        var report = await File.ReadAllTextAsync(Path.Combine(Folder.Analysis, "report.md"));
        Assert.Contains("slow-routes.conf beside this report", report, StringComparison.Ordinal);
        Assert.Contains("| client | /a | 12.5 | 40 |", report, StringComparison.Ordinal);
        using var summary = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder.Analysis, "summary.json")));
        var limit = summary.RootElement.GetProperty("experiment").GetProperty("slow_limits")[1];
        Assert.Equal(("server", "/a", 2, 41),
            (limit.GetProperty("role").GetString(), limit.GetProperty("route").GetString(), limit.GetProperty("limit_ms").GetDouble(), limit.GetProperty("requests").GetInt32()));
    }

    [Fact]
    public async Task The_summary_is_printed_as_json_alone()
    {
        WriteExperiment();

        var (_, output, _) = await RunAsync(["--input", _folder.Root, "--output", _folder.File("elsewhere"), "-o", "json"]);

        using var summary = JsonDocument.Parse(output);
        Assert.Equal(1, summary.RootElement.GetProperty("version").GetInt32());
        Assert.True(File.Exists(_folder.File("elsewhere/report.html")));
        Assert.False(Directory.Exists(Folder.Analysis));
    }

    [Fact]
    public async Task A_recording_without_labels_has_its_figures_and_verdicts()
    {
        using (var records = RecordWriter<RequestRecord>.Create(_folder.File(EpisodeInput.ClientFile), RequestRecordJson.Kind))
            for (var i = 0; i < 4; i++)
                records.Append(Record(i));
        using (var events = RecordWriter<DatedKernelEvent>.Create(_folder.File(EpisodeInput.KernelFile), KernelEventJson.Kind))
            foreach (var e in (KernelEvent[])[Event(KernelEventType.Send, 5_000_000, 100), Event(KernelEventType.Recv, 6_000_000, 300), Event(KernelEventType.Close, 9_000_000, 0)])
                events.Append(new DatedKernelEvent { Event = e });
        using (var correlations = CorrelationWriter.Create(_folder.File(EpisodeInput.CorrelationFile)))
            correlations.Append(new Correlation { RequestId = new RequestId("a"), ClosedAtNs = 1, Match = Match.None, Finding = Finding.Healthy, Ledger = Ledger.Empty });

        var (exitCode, output, _) = await RunAsync(["--input", _folder.Root, "-o", "json"]);

        Assert.Equal(ExitCode.Done, exitCode);
        using var summary = JsonDocument.Parse(output);
        Assert.Equal("4 requests, of which applications report 3 as a success; 3 kernel events on 1 connections; held against each other, 1 are healthy, 0 discrepant and 0 inconclusive.",
            summary.RootElement.GetProperty("headline").GetString());
        var metrics = summary.RootElement.GetProperty("metrics")[0];
        var (application, kernel) = (metrics.GetProperty("application"), metrics.GetProperty("kernel"));
        // Latencies 10, 20, 30, 40: the median is 25. They begin a second apart: 4 in 3.04 s.
        Assert.Equal(25, application.GetProperty("latency_ms").GetProperty("p50").GetDouble());
        Assert.Equal(4 / 3.04, application.GetProperty("requests_per_second").GetDouble(), 1e-9);
        Assert.Equal((100, 300, 0.75), (kernel.GetProperty("bytes_sent").GetInt32(), kernel.GetProperty("bytes_received").GetInt32(), kernel.GetProperty("events_per_request").GetDouble()));
        Assert.Equal(4, kernel.GetProperty("socket_lifetime_ms").GetProperty("p50").GetDouble());
        Assert.False(File.Exists(Path.Combine(Folder.Analysis, "requests.csv")));
    }

    [Fact]
    public async Task A_recording_without_correlations_says_how_to_come_by_verdicts()
    {
        using (var records = RecordWriter<RequestRecord>.Create(_folder.File(EpisodeInput.ClientFile), RequestRecordJson.Kind))
            records.Append(Record(1));
        using (var events = RecordWriter<DatedKernelEvent>.Create(_folder.File(EpisodeInput.KernelFile), KernelEventJson.Kind))
            events.Append(new DatedKernelEvent { Event = Event(KernelEventType.Send, 5_000_000, 100) });

        var (exitCode, output, _) = await RunAsync(["--input", _folder.Root]);

        Assert.Equal(ExitCode.Done, exitCode);
        Assert.Contains("There are no correlations to take verdicts from; crosslayer correlate makes them.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_used_is_one_line_and_exit_code_2()
    {
        await ExpectAsync("holds neither labels of an experiment nor client_metrics.json nor server_metrics.json");
        ExperimentPlan.Of(1, 7, ["path_loss"]).Write(Folder.Plan);
        await ExpectAsync("has a plan and no ");
        Directory.CreateDirectory(Folder.Labels);
        await ExpectAsync("holds no labels");
        LiteralExperiment.Whole.Episodes[1].Label.Write(Folder.LabelOf("0001"));
        await ExpectAsync("there is no episode ");
        Directory.CreateDirectory(Path.Combine(Folder.CrossLayer, "0001"));
        _folder.File("plan.json", """{"version":2}""");
        await ExpectAsync("plan.json has version 2; this program knows version 1");
        _folder.File("plan.json", "{}");
        await ExpectAsync("plan.json has no version");
        _folder.File("plan.json", """{"version":1}""");
        await ExpectAsync("; expected the plan of an experiment");
        ExperimentPlan.Of(1, 7, ["path_loss"]).Write(Folder.Plan);
        _folder.File("costs.jsonl", "{}\n");
        await ExpectAsync("costs.jsonl, line 1: ");
        var (exitCode, _, error) = await RunAsync(["--input", _folder.File("nowhere")]);
        Assert.Equal((ExitCode.BadInput, $"error: {_folder.File("nowhere")} does not exist; expected the folder of an experiment or of a recording\n"), (exitCode, error));

        async Task ExpectAsync(string expected)
        {
            var (code, output, line) = await RunAsync(["--input", _folder.Root]);
            Assert.Equal(ExitCode.BadInput, code);
            Assert.Empty(output);
            Assert.Contains(expected, line, StringComparison.Ordinal);
            Assert.Equal(1, line.Count(character => character == '\n'));
        }
    }

    [Fact]
    public async Task A_stopped_analysis_concludes_nothing()
    {
        WriteExperiment();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var (exitCode, output, _) = await RunAsync(["--input", _folder.Root], cancelled.Token);

        Assert.Equal(ExitCode.Failed, exitCode);
        Assert.StartsWith("stopped; nothing was concluded from ", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder.Analysis));
    }

    public void Dispose() => _folder.Dispose();

    private static RequestRecord Record(int i) => new()
    {
        RequestId = RequestId.From(i),
        LatencyMs = 10 * (i + 1),
        StartUnixNs = LiteralExperiment.StartNs + (i * LiteralExperiment.SecondNs),
        StatusCode = i == 0 ? 500 : 200,
        Result = i == 0 ? RequestResult.HttpError : RequestResult.Success,
    };

    private static KernelEvent Event(KernelEventType type, ulong at, int bytes) => new() { Type = type, TimestampNs = at, SocketCookie = 7, Bytes = bytes };

    private void WriteExperiment()
    {
        ExperimentPlan.Of(1, 7, ["path_loss"]).Write(Folder.Plan);
        foreach (var episode in LiteralExperiment.Whole.Episodes)
        {
            episode.Label.Write(Folder.LabelOf(episode.Label.Episode));
            Directory.CreateDirectory(Path.Combine(Folder.CrossLayer, episode.Label.Episode));
        }
    }

    // Detectors are tested elsewhere: here the decisions are given, and the episodes shown have two requests each.
    private static Task<ScoredExperiment> Score(ScoringTask task, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        foreach (var label in task.Labels)
            task.Visit(label, new EpisodeInput { Name = label.Episode, ClientRecords = [Record(0), Record(1)], ServerRecords = [], KernelEvents = [], Correlations = [], ClientEndCorrelations = [], ServerEndCorrelations = [] });
        return Task.FromResult(LiteralExperiment.Whole with
        {
            SlowLimits = [new LearnedLimit(new SlowRoute(RequestRole.Client, "/a", TimeSpan.FromMilliseconds(12.5)), 40), new LearnedLimit(new SlowRoute(RequestRole.Server, "/a", TimeSpan.FromMilliseconds(2)), 41)],
        });
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, CancellationToken cancellation = default)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
        try
        {
            var exitCode = await AnalyzeCommand.Create(Score).Parse(arguments).InvokeAsync(configuration, cancellation);
            return (exitCode, output.ToString(), error.ToString());
        }
        catch (InputException exception)
        {
            // As the program has it.
            return (ExitCode.BadInput, output.ToString(), $"error: {exception.Message}\n");
        }
    }
}
