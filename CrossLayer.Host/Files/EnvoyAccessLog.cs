using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>
/// Envoy's access log in the format of <c>config/envoy/crosslayer.yaml</c>: one JSON object a line. Each line becomes a request record of the
/// downstream side, where Envoy is the server.
/// </summary>
internal static class EnvoyAccessLog
{
    /// <summary>The service that the records name.</summary>
    public const string Service = "envoy";

    /// <summary>How exact <c>%DURATION%</c> is, in milliseconds.</summary>
    public const double ResolutionMs = 1;

    // https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
    private const string Start = "start";
    private const string DurationMs = "duration_ms";
    private const string RemoteAddress = "remote_address";
    private const string LocalAddress = "local_address";
    private const string ConnectionId = "connection_id";
    private const string BytesReceived = "bytes_received";
    private const string BytesSent = "bytes_sent";
    private const string Status = "status";
    private const string Flags = "response_flags";
    private const string Method = "method";
    private const string Path = "path";
    private const string Protocol = "protocol";
    private const string TlsVersion = "tls_version";

    private const string Http3 = "HTTP/3";
    private const string DownstreamClosed = "DC";
    private const int FirstErrorStatus = 400;
    private const int LastStatus = 999;
    private const decimal LastUnixSecond = 9_223_372_036;
    private const decimal NsPerSecond = 1_000_000_000;

    /// <summary>Lines of the log as a kind of record; written, they are request records as any other.</summary>
    public static RecordKind<RequestRecord> Kind { get; } = new("logged request", null, Read, RequestRecordJson.Write);

    private static RequestRecord Read(ref FieldReader fields)
    {
        decimal? start = null, durationMs = null;
        long? received = null, sent = null;
        int? status = null;
        string? remote = null, local = null, connection = null, flags = null, method = null, path = null, protocol = null, requestId = null;
        var tls = false;

        while (fields.Next())
        {
            switch (fields.Name)
            {
                case Start: start = fields.Decimal(0.000000001m, LastUnixSecond); break;
                case DurationMs: durationMs = fields.Decimal(0, (decimal)RequestRecordJson.MaxLatencyMs); break;
                case RemoteAddress: remote = fields.Text(); break;
                case LocalAddress: local = fields.Text(); break;
                case ConnectionId: connection = LogText.Given(fields.TextOrNumber()); break;
                case BytesReceived: received = (long)fields.WholeDecimal(0, long.MaxValue); break;
                case BytesSent: sent = (long)fields.WholeDecimal(0, long.MaxValue); break;
                case Status: status = (int)fields.WholeDecimal(0, LastStatus); break;
                case Flags: flags = LogText.Given(fields.Text()); break;
                case Method: method = LogText.Given(fields.LossyText()); break;
                case Path: path = LogText.Given(LogText.WithoutQuery(fields.LossyText())); break;
                case Protocol: protocol = LogText.Given(fields.Text()); break;
                case TlsVersion: tls = LogText.Given(fields.Text()) is not null; break;
                case RequestIdJson.Name: requestId = LogText.Given(fields.LossyText()); break;
                default: fields.SkipUnknown(); break;
            }
        }

        FieldReader.Require(start is not null, Start);
        FieldReader.Require(durationMs is not null, DurationMs);
        FieldReader.Require(remote is not null, RemoteAddress);
        FieldReader.Require(local is not null, LocalAddress);
        FieldReader.Require(status is not null, Status);
        FieldReader.Require(requestId is not null || connection is not null, $"{RequestIdJson.Name}, or {ConnectionId},");
        // HTTP/3 runs over UDP. Without a method and a status, nobody asked.
        if (protocol == Http3 || (method is null && status == 0))
            throw new NoRequestException();

        var closed = flags?.Split(',').Contains(DownstreamClosed) == true;
        var overTcp = !IsUnixSocket(remote!) && !IsUnixSocket(local!);
        return new RequestRecord
        {
            RequestId = new RequestId(requestId ?? $"{connection}-{start}"),
            LatencyMs = (double)durationMs!.Value,
            StatusCode = status!.Value,
            Result = closed || status == 0 ? RequestResult.Error : status < FirstErrorStatus ? RequestResult.Success : RequestResult.HttpError,
            Role = RequestRole.Server,
            StartUnixNs = (long)(start!.Value * NsPerSecond),
            Local = overTcp ? EndpointOf(local!, LocalAddress) : null,
            Peer = overTcp ? EndpointOf(remote!, RemoteAddress) : null,
            Method = method,
            Route = path,
            RequestBytes = received,
            ResponseBytes = sent,
            ErrorType = closed ? NginxAccessLog.ClientClosedRequest : null,
            Service = Service,
            Protocol = protocol,
            Tls = tls,
            ResolutionMs = ResolutionMs,
        };
    }

    // Envoy writes a pipe's path, or its abstract name.
    private static bool IsUnixSocket(string address) => address is ['/' or '@', ..];

    private static Endpoint EndpointOf(string address, string name) => Endpoint.TryParse(address, out var endpoint)
        ? endpoint
        : throw new FieldException($"{name} is \"{OneLine.Of(address)}\"; expected an address with a port, or a path", 0);
}
