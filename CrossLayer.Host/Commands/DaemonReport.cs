using System.CommandLine;
using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Commands;

/// <summary>Tells a running daemon of requests as they end, as any application does, beside the file that they go to.</summary>
internal sealed class DaemonReport : IAsyncDisposable
{
    private readonly CrossLayerReporter _reporter;

    private DaemonReport(Uri daemon, string? service) =>
        _reporter = new CrossLayerReporter(new CrossLayerOptions { Endpoint = daemon, Service = service, MaxQueued = 100_000 });

    /// <summary>Where to.</summary>
    public static Option<Uri?> Option() => new("--report-to")
    {
        Description = "A daemon to report to as well: http://127.0.0.1:9471, or unix:///run/crosslayer/requests.sock.",
        HelpName = "url",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "unix")
                return url;
            result.AddError($"--report-to is '{text}'; expected a URL such as http://127.0.0.1:9471 or unix:///run/crosslayer/requests.sock");
            return null;
        },
    };

    /// <summary>Null where there is no daemon to report to.</summary>
    public static DaemonReport? To(Uri? daemon, string? service) => daemon is null ? null : new DaemonReport(daemon, service);

    /// <summary>Takes a record; returns at once.</summary>
    public void Report(RequestRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        _reporter.Report(new RequestReport
        {
            RequestId = record.RequestId.Text,
            LatencyMs = record.LatencyMs,
            StatusCode = record.StatusCode,
            Result = RequestRecordJson.NameOf(record.Result),
            IsServer = record.Role == RequestRole.Server,
            StartUnixNs = record.StartUnixNs ?? 0,
            Local = End(record.Local),
            Peer = End(record.Peer),
            Method = record.Method,
            Route = record.Route,
            RequestBytes = record.RequestBytes,
            ResponseBytes = record.ResponseBytes,
            SocketCookie = record.SocketCookie,
            ConnectionRequest = record.ConnectionRequest,
            ErrorType = record.ErrorType,
            TraceId = record.TraceId,
            Protocol = record.Protocol,
            Tls = record.Tls,
        });
    }

    /// <summary>Sends what waits, and says what was not taken.</summary>
    public async Task EndAsync(TextWriter output)
    {
        await _reporter.StopAsync(CancellationToken.None);
        await output.WriteLineAsync(_reporter.Dropped == 0
            ? $"{_reporter.Sent} records reported"
            : $"{_reporter.Sent} records reported, {_reporter.Dropped} not: the daemon was not there, or did not take them");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _reporter.DisposeAsync();

    private static IPEndPoint? End(Endpoint? end) => end is { } known ? new IPEndPoint(known.Address.ToIPAddress(), known.Port) : null;
}
