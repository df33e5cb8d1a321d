using Akka.Configuration;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.AccessLogs;
using CrossLayer.Host.Ingest.Http;
using CrossLayer.Host.Ingest.Otlp;
using CrossLayer.Host.Ingest.UnixSocket;
using CrossLayer.Host.Outputs;
using CrossLayer.Host.Web;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Daemon;

/// <summary>Where the daemon's request records come from: those sources that the configuration names.</summary>
internal sealed class DaemonSources : IAsyncDisposable
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly ListenSettings _http;
    private readonly ListenSettings _otlpHttp;
    private readonly ListenSettings _otlpGrpc;
    private readonly IngestLimits _limits;
    private readonly UnixIngestSettings _unix;
    private readonly AccessLogSettings _accessLogs;
    private readonly List<(string Name, Func<CancellationToken, Task> Stop)> _running = [];
    // Replaced as a whole: metrics and health are read while sources come and go.
    private volatile IReadOnlyList<RecordIntake> _intakes = [];
    private volatile IReadOnlyList<ComponentState> _servers;
    private volatile AccessLogFollower? _follower;
    private volatile string _absent = "is not started yet";
    private DateTimeOffset _since;

    /// <summary>Reads what there is to be.</summary>
    /// <exception cref="ConfigurationException">A setting cannot be used; the message names it.</exception>
    public DaemonSources(Config config)
    {
        _limits = IngestLimits.From(config);
        _http = ListenSettings.From(config, HttpIngest.Section);
        _otlpHttp = ListenSettings.From(config, OtlpHttpIngest.Section);
        _otlpGrpc = ListenSettings.From(config, OtlpGrpcIngest.Section);
        _unix = UnixIngestSettings.From(config);
        _accessLogs = AccessLogSettings.From(config);
        _since = _time.GetUtcNow();
        _servers = Absent();
    }

    /// <summary>What each source was given, and what became of it.</summary>
    public IReadOnlyList<RecordIntake> Intakes => _intakes;

    /// <summary>A source failed that cannot go on.</summary>
    public Task Failed => _follower?.Completion ?? Task.Delay(Timeout.Infinite);

    /// <summary>How each source of the configuration is doing.</summary>
    public IReadOnlyList<ComponentState> States => [.. _servers, .. Logs()];

    /// <summary>The sources, a line each.</summary>
    public IEnumerable<string> Describe()
    {
        if (_http.Address is { } http)
            yield return $"request records: {Scheme(_http)}://{http}{HttpIngest.Path}";
        if (_otlpHttp.Address is { } otlpHttp)
            yield return $"OTLP over HTTP: {Scheme(_otlpHttp)}://{otlpHttp}/v1/traces";
        if (_otlpGrpc.Address is { } otlpGrpc)
            yield return $"OTLP over gRPC: {Scheme(_otlpGrpc)}://{otlpGrpc}";
        if (_unix.Path is { } path)
            yield return $"request records: unix:{path}";
        foreach (var log in _accessLogs.Logs)
            yield return $"access log: {log.Path}";

        static string Scheme(ListenSettings listen) => listen.Certificate is null ? "http" : "https";
    }

    /// <summary>Starts them.</summary>
    /// <exception cref="InputException">An address or a path cannot be used.</exception>
    public async Task StartAsync(IRecordSink sink, ILoggerFactory logs, CancellationToken cancellation)
    {
        _since = _time.GetUtcNow();
        if (_http.Address is not null)
        {
            var http = new HttpIngest(_http, _limits, Intake(HttpIngest.Source, sink));
            await StartAsync(HttpIngest.Source, http.StartAsync, http, cancellation);
        }

        if (_otlpHttp.Address is not null)
        {
            var otlp = new OtlpHttpIngest(_otlpHttp, _limits, Intake(OtlpHttpIngest.Source, sink));
            await StartAsync(OtlpHttpIngest.Source, otlp.StartAsync, otlp, cancellation);
        }

        if (_otlpGrpc.Address is not null)
        {
            var otlp = new OtlpGrpcIngest(_otlpGrpc, _limits, Intake(OtlpGrpcIngest.Source, sink));
            await StartAsync(OtlpGrpcIngest.Source, otlp.StartAsync, otlp, cancellation);
        }

        if (_unix.Path is not null)
        {
            var unix = new UnixIngest(_unix, Intake(UnixIngest.Source, sink));
            await StartAsync(UnixIngest.Source, unix.StartAsync, unix, cancellation);
        }

        if (_accessLogs.Logs.Count > 0)
        {
            var follower = new AccessLogFollower(_accessLogs, Intake("access_log", sink), logs.CreateLogger<AccessLogFollower>(), _time);
            await follower.StartAsync(cancellation);
            _follower = follower;
        }
    }

    /// <summary>Ends them; what they were told is taken is in the pipeline then.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _absent = "is being stopped";
        _servers = Absent();
        foreach (var (_, stop) in _running)
            await stop(cancellation);
        _running.Clear();
        if (_follower is not null)
            await _follower.StopAsync(cancellation);
        _follower = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private async Task StartAsync(string name, Func<CancellationToken, Task> start, IAsyncDisposable source, CancellationToken cancellation)
    {
        _running.Add((name, stop => source.DisposeAsync().AsTask().WaitAsync(stop)));
        await start(cancellation);
        _servers = [.. _servers.Select(server => server.Name == NameOf(name) ? new ComponentState(server.Name, true, null, _time.GetUtcNow()) : server)];
    }

    private static string NameOf(string source) => $"source:{source}";

    private IReadOnlyList<ComponentState> Absent()
    {
        (string Name, bool IsThere)[] servers =
        [
            (HttpIngest.Source, _http.Address is not null),
            (OtlpHttpIngest.Source, _otlpHttp.Address is not null),
            (OtlpGrpcIngest.Source, _otlpGrpc.Address is not null),
            (UnixIngest.Source, _unix.Path is not null),
        ];
        return [.. servers.Where(server => server.IsThere).Select(server => new ComponentState(NameOf(server.Name), false, _absent, _time.GetUtcNow()))];
    }

    private IEnumerable<ComponentState> Logs()
    {
        var logs = _follower?.Logs ?? [.. _accessLogs.Logs.Select(log => (log.Path, (string?)_absent))];
        return logs.Select(log => new ComponentState($"access_log:{log.Path}", log.Problem is null, log.Problem, _since));
    }

    private RecordIntake Intake(string source, IRecordSink sink)
    {
        var intake = new RecordIntake(source, sink, _time);
        _intakes = [.. _intakes, intake];
        return intake;
    }
}
