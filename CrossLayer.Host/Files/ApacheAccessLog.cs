using System.Buffers;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Files;

/// <summary>
/// The access log of Apache's httpd in the format <c>crosslayer</c> of <c>config/apache/crosslayer.conf</c>: one JSON object a line, but for
/// httpd's own escapes. Each line becomes a request record of the server's side.
/// </summary>
internal static class ApacheAccessLog
{
    /// <summary>The service that the records name.</summary>
    public const string Service = "apache";

    /// <summary>How exact <c>%{usec}t</c> and <c>%D</c> are, in milliseconds.</summary>
    public const double ResolutionMs = 0.001;

    // https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
    private const string StartUs = "start_us";
    private const string DurationUs = "duration_us";
    private const string ClientIp = "client_ip";
    private const string ClientPort = "client_port";
    private const string LocalIp = "local_ip";
    private const string LocalPort = "local_port";
    private const string Keepalive = "keepalive";
    private const string ConnectionStatus = "connection_status";
    private const string BytesIn = "bytes_in";
    private const string BytesOut = "bytes_out";
    private const string Status = "status";
    private const string Method = "method";
    private const string Path = "path";
    private const string Protocol = "protocol";
    private const string Https = "https";
    private const string UniqueId = "unique_id";

    private const string Aborted = "X";
    private const string KeptAlive = "+";
    private const string NoUnixSocket = "no other";
    private const int FirstErrorStatus = 400;
    private const int LastStatus = 999;
    private const decimal LastUnixUs = 9_223_372_036_854_775;
    private const decimal LongestUs = (decimal)RequestRecordJson.MaxLatencyMs * 1000;

    /// <summary>Lines of the log as a kind of record; written, they are request records as any other.</summary>
    public static RecordKind<RequestRecord> Kind { get; } = new("logged request", null, Read, RequestRecordJson.Write, Mend);

    /// <summary>The line with httpd's <c>\xff</c> and <c>\v</c>, which JSON does not know, as <c>\u00ff</c> and <c>\u000b</c>.</summary>
    internal static bool Mend(ReadOnlySpan<byte> line, IBufferWriter<byte> json)
    {
        while (line.IndexOf((byte)'\\') is var backslash and >= 0 && backslash + 1 < line.Length)
        {
            json.Write(line[..backslash]);
            switch (line[backslash + 1])
            {
                case (byte)'x': json.Write(@"\u00"u8); break;
                case (byte)'v': json.Write(@"\u000b"u8); break;
                default: json.Write(line.Slice(backslash, 2)); break;
            }

            line = line[(backslash + 2)..];
        }

        json.Write(line);
        return true;
    }

    private static RequestRecord Read(ref FieldReader fields)
    {
        decimal? startUs = null, durationUs = null;
        LogAddress client = default, local = default;
        long? bytesIn = null, bytesOut = null;
        int? status = null, keepalive = null;
        string? connection = null, method = null, path = null, protocol = null, uniqueId = null;
        var tls = false;

        while (fields.Next())
        {
            switch (fields.Name)
            {
                case StartUs: startUs = fields.WholeDecimal(1, LastUnixUs); break;
                case DurationUs: durationUs = fields.WholeDecimal(0, LongestUs); break;
                case ClientIp: client.Host = fields.Text(); break;
                case ClientPort: client.Port = fields.TextOrNumber(); break;
                case LocalIp: local.Host = fields.Text(); break;
                case LocalPort: local.Port = fields.TextOrNumber(); break;
                case Keepalive: keepalive = (int)fields.WholeDecimal(0, int.MaxValue - 1); break;
                case ConnectionStatus: connection = fields.Text(); break;
                case BytesIn: bytesIn = (long)fields.WholeDecimal(0, long.MaxValue); break;
                case BytesOut: bytesOut = (long)fields.WholeDecimal(0, long.MaxValue); break;
                case Status: status = (int)fields.WholeDecimal(0, LastStatus); break;
                case Method: method = LogText.Given(LogText.FromBytes(fields.LossyText())); break;
                case Path: path = LogText.Given(LogText.WithoutQuery(LogText.FromBytes(fields.LossyText()))); break;
                case Protocol: protocol = LogText.Given(LogText.FromBytes(fields.LossyText())); break;
                case Https: tls = fields.Text() == "on"; break;
                case UniqueId: uniqueId = LogText.Given(fields.LossyText()); break;
                default: fields.SkipUnknown(); break;
            }
        }

        FieldReader.Require(startUs is not null, StartUs);
        FieldReader.Require(durationUs is not null, DurationUs);
        FieldReader.Require(client.Host is not null, ClientIp);
        FieldReader.Require(local.Host is not null, LocalIp);
        FieldReader.Require(keepalive is not null, Keepalive);
        FieldReader.Require(connection is not null, ConnectionStatus);
        FieldReader.Require(bytesIn is not null, BytesIn);
        FieldReader.Require(bytesOut is not null, BytesOut);
        FieldReader.Require(status is not null, Status);
        if (bytesIn == 0)
            throw new NoRequestException(); // 408: a client connected, and asked nothing

        var place = Place(keepalive!.Value, connection!, status!.Value);
        return new RequestRecord
        {
            RequestId = new RequestId(uniqueId ?? $"{startUs}-{client.Port}-{keepalive}"),
            LatencyMs = (double)(durationUs!.Value / 1000),
            StatusCode = status.Value,
            Result = connection == Aborted || status == 0 ? RequestResult.Error
                : status < FirstErrorStatus ? RequestResult.Success : RequestResult.HttpError,
            Role = RequestRole.Server,
            StartUnixNs = (long)(startUs!.Value * 1000),
            Local = local.ToEndpoint(LocalIp, LocalPort, NoUnixSocket),
            Peer = client.ToEndpoint(ClientIp, ClientPort, NoUnixSocket),
            Method = method,
            Route = path,
            // mod_logio counts what is peeked at for a next request, too, and inside TLS what passes encrypted, the handshake with it.
            RequestBytes = place == 1 && !tls ? bytesIn : null,
            ResponseBytes = tls ? null : bytesOut,
            ConnectionRequest = place,
            ErrorType = connection == Aborted ? NginxAccessLog.ClientClosedRequest : null,
            Service = Service,
            Protocol = protocol,
            Tls = tls,
            ResolutionMs = ResolutionMs,
        };
    }

    // httpd raises the count when it decides to keep the connection, or to close it in good order; not where an error or the client ends it.
    private static int? Place(int keepalive, string connection, int status) =>
        connection == KeptAlive || (connection != Aborted && status < FirstErrorStatus) ? keepalive + 1 : null;
}
