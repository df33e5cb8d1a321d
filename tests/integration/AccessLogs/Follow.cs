using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.AccessLogs;
using CrossLayer.Probe;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrossLayer.Integration.Tests.AccessLogs;

/// <summary>A live pipeline with a probe on one port, fed by a log that is followed.</summary>
internal sealed class Follow : IPipelineListener, IRecordSink, IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly KernelProbe _probe;
    private readonly List<Correlation> _correlations = [];
    private readonly IHost _host;
    private readonly AccessLogFollower _follower;
    private readonly RecordIntake _intake;
    private LivePipeline _pipeline = null!;

    private Follow(ushort port, string log, RecordFormat format, string folder)
    {
        _probe = KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [port] } });
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddCrossLayer(DefaultConfiguration.Load(), JournalSettings.At(Path.Combine(folder, "journal.db")), this);
        _host = builder.Build();
        _intake = new RecordIntake("access_log", this, TimeProvider.System);
        var settings = new AccessLogSettings { Logs = [new AccessLogSource(log, format)], StateFolder = Path.Combine(folder, "state"), Poll = TimeSpan.FromMilliseconds(20) };
        _follower = new AccessLogFollower(settings, _intake, NullLogger.Instance, TimeProvider.System);
    }

    /// <summary>Starts the probe, the pipeline and the follower.</summary>
    public static async Task<Follow> StartAsync(int port, string log, RecordFormat format, string folder)
    {
        var follow = new Follow((ushort)port, log, format, folder);
        await follow._host.StartAsync();
        follow._pipeline = follow._host.Services.GetRequiredService<LivePipeline>();
        await follow._pipeline.ProbeStatusAsync();
        await follow._follower.StartAsync();
        return follow;
    }

    /// <summary>Waits for so many lines, closes everything, and gives the correlations of lines, in the lines' order.</summary>
    public async Task<IReadOnlyList<Correlation>> FinishAsync(int lines)
    {
        await UntilAcceptedAsync(lines);
        Assert.DoesNotContain(Rejection.Malformed, _intake.Rejected);
        await _follower.StopAsync();
        var (probe, _) = await _pipeline.StopAsync();
        Assert.Equal(0ul, probe.Counters.Lost);
        return [.. _correlations.Where(correlation => correlation.ServerRecord is not null).OrderBy(correlation => correlation.StartUnixNs)];
    }

    /// <summary>Asserts that a line found the exchange of its own connection.</summary>
    public static void AssertMatched(Correlation correlation)
    {
        Assert.NotEqual(MatchMethod.None, correlation.Match.Method);
        var (record, exchange) = (correlation.ServerRecord!, Assert.IsType<Actors.Connections.Exchange>(correlation.ServerExchange));
        Assert.Equal((record.Local, record.Peer), (exchange.Local, exchange.Peer));
        if (record is { ConnectionRequest: { } place, Tls: false })
            Assert.Equal(place, exchange.Ordinal);
    }

    /// <summary>Asks for a large file, reads a little of it, and closes: the server cannot send it all.</summary>
    public static async Task LeaveAsync(int port, string path)
    {
        using var client = await AskAsync(port, path);
        Assert.NotEqual(0, await client.ReceiveAsync(new byte[1000]));
    }

    /// <summary>Asks, and closes without reading the answer, after the server has logged that it sent it.</summary>
    /// <param name="lines">Lines of the log by then.</param>
    public async Task CloseUnreadAsync(int port, string path, int lines)
    {
        using var client = await AskAsync(port, path);
        await UntilAcceptedAsync(lines);
        Assert.NotEqual(0, client.Available); // so that the kernel answers the close with a reset
    }

    /// <summary>Waits until a program listens.</summary>
    public static async Task UntilListensAsync(int port)
    {
        var needle = $":{port:X4} ";
        var start = TimeProvider.System.GetTimestamp();
        while (!(await File.ReadAllLinesAsync("/proc/net/tcp")).Any(line => line.Contains(needle, StringComparison.Ordinal) && line.Contains(" 0A ", StringComparison.Ordinal)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, $"nobody listens on port {port}");
            await Task.Delay(20);
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<Socket> AskAsync(int port, string path)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        await client.ConnectAsync(IPAddress.Loopback, port);
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        return client;
    }

    private async Task UntilAcceptedAsync(int lines)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (_intake.Accepted < lines && TimeProvider.System.GetElapsedTime(start) < Limit)
            await Task.Delay(5);
        Assert.Equal(lines, _intake.Accepted);
    }

    IKernelProbe IPipelineListener.StartProbe() => _probe;

    void IPipelineListener.OnKernelEvents(KernelEventBatch batch)
    {
    }

    void IPipelineListener.OnCorrelations(CorrelationBatch batch) => _correlations.AddRange(batch.Correlations);

    Task<RequestsReported> IRecordSink.OfferAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellation) => _pipeline.ReportAsync(records);

    public async ValueTask DisposeAsync()
    {
        await _follower.DisposeAsync();
        await _host.StopAsync();
        _host.Dispose();
        await _probe.DisposeAsync();
    }
}
