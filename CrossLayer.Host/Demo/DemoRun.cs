using System.Net;
using System.Net.Sockets;
using Akka.Configuration;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Serving;
using CrossLayer.Probe;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Demo;

/// <summary>
/// One run of the demo: a real server, the probe and the live pipeline around the scenario's traffic, and its files.
/// </summary>
internal sealed class DemoRun : IPipelineListener
{
    private readonly string _folder;
    private readonly RecordWriter<DatedKernelEvent> _events;
    private readonly CorrelationWriter _correlationFile;
    private readonly List<RequestRecord> _clientRecords = [];
    private readonly List<RequestRecord> _serverRecords = [];
    private readonly List<Correlation> _correlations = [];
    private readonly SortedDictionary<KernelEventType, long> _eventCounts = [];
    private readonly KernelProbe _probe;
    private bool _probeTaken;
    private DatedKernelEvent[] _dated = [];

    private DemoRun(KernelProbe probe, string folder)
    {
        (_probe, _folder) = (probe, folder);
        _events = RecordWriter<DatedKernelEvent>.Create(FileIn("ebpf_events.json"), KernelEventJson.Kind);
        _correlationFile = CorrelationWriter.Create(FileIn("correlations.json"));
    }

    /// <summary>What the probe is to watch: a port for the server, and one where nobody listens.</summary>
    public static ProbeOptions ProbeOptions() => new() { Filter = new ProbeFilter { Ports = [FreePort(), FreePort()] } };

    /// <summary>Runs the demo.</summary>
    /// <param name="probe">Watches the ports of <see cref="ProbeOptions"/>.</param>
    /// <param name="requests">Ordinary requests.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="record">Whether the pipeline's input is recorded into the journal.</param>
    /// <param name="journal">Where the discrepancies go.</param>
    /// <param name="progress">Receives steps done and steps in all.</param>
    /// <param name="cancellation">Ends the traffic early; what was seen until then is still correlated.</param>
    public static async Task<DemoResult> RunAsync(
        KernelProbe probe, int requests, string folder, bool record, JournalSettings journal, Action<int, int> progress, CancellationToken cancellation)
    {
        var run = new DemoRun(probe, folder);
        using (run._events)
        using (run._correlationFile)
            return await run.RunAsync(requests, record, journal, progress, cancellation);
    }

    /// <inheritdoc/>
    public IKernelProbe StartProbe()
    {
        if (_probeTaken)
            throw new ProbeUnavailableException("the demo's probe has ended, and without privileges it cannot be attached again");
        _probeTaken = true;
        return _probe;
    }

    /// <inheritdoc/>
    public void OnKernelEvents(KernelEventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_dated.Length < batch.Count)
            _dated = new DatedKernelEvent[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            ref readonly var e = ref batch.Events[i];
            _dated[i] = DatedKernelEvent.Date(in e, _probe.Clock, _probe.Reasons);
            _eventCounts[e.Type] = _eventCounts.GetValueOrDefault(e.Type) + 1;
        }

        _events.Append(_dated.AsSpan(0, batch.Count));
    }

    /// <inheritdoc/>
    public void OnCorrelations(CorrelationBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        _correlations.AddRange(batch.Correlations);
        _correlationFile.Append(batch.Correlations.ToArray());
    }

    private string FileIn(string name) => Path.Combine(_folder, name);

    private async Task<DemoResult> RunAsync(
        int requests, bool record, JournalSettings journal, Action<int, int> progress, CancellationToken cancellation)
    {
        using var clientFile = RecordWriter<RequestRecord>.Create(FileIn("client_metrics.json"), RequestRecordJson.Kind);
        using var serverFile = RecordWriter<RequestRecord>.Create(FileIn("server_metrics.json"), RequestRecordJson.Kind);

        await DemoScenario.WarmUpAsync(cancellation);

        LivePipeline? pipeline = null;
        var server = await HttpServer.StartAsync(new HttpServerOptions { Service = "demo-server", Port = _probe.Filter.Ports[0] },
            async record => await ReportAsync(pipeline!, record, _serverRecords, serverFile), cancellation);
        await using var serverLifetime = server;

        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddCrossLayer(Configuration(record), journal, this);
        using var host = builder.Build();
        await host.StartAsync(CancellationToken.None);
        try
        {
            pipeline = host.Services.GetRequiredService<LivePipeline>();
            await pipeline.ProbeStatusAsync();

            var scenario = new DemoScenario(server.Url, _probe.Filter.Ports[1], requests);
            var stoppedEarly = false;
            try
            {
                await scenario.RunAsync(record => ReportAsync(pipeline, record, _clientRecords, clientFile),
                    done => progress(done, scenario.Steps), cancellation);
            }
            catch (OperationCanceledException)
            {
                stoppedEarly = true;
            }

            await server.DisposeAsync();
            var (probe, appMetrics) = await pipeline.StopAsync();
            _correlationFile.SetLostEvents((long)(probe.Counters.Lost + probe.Counters.Missed));
            _correlationFile.SetKernelEvidence(probe.Unavailable);
            return new DemoResult(_folder, journal.Name, requests, _clientRecords, _serverRecords, _correlations,
                _eventCounts, probe.Counters, appMetrics, stoppedEarly);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static Config Configuration(bool record) => record
        ? ConfigurationFactory.ParseString("crosslayer.recording.enabled = true").WithFallback(DefaultConfiguration.Load())
        : DefaultConfiguration.Load();

    private static async Task ReportAsync(
        LivePipeline pipeline, RequestRecord record, List<RequestRecord> records, RecordWriter<RequestRecord> file)
    {
        file.Append(record);
        lock (records)
            records.Add(record);
        await pipeline.ReportAsync([record]);
    }

    private static ushort FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
