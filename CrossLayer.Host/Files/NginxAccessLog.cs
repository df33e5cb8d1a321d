using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Files;

/// <summary>
/// nginx's access log in the format <c>crosslayer</c> of <c>config/nginx/crosslayer.conf</c>: one JSON object a line, its
/// fields named as nginx's variables are. Numbers may stand in quotes. Each line becomes a request record of the server's side.
/// </summary>
internal static class NginxAccessLog
{
    /// <summary>The service that the records name.</summary>
    public const string Service = "nginx";

    /// <summary>How exact <c>$msec</c> and <c>$request_time</c> are, in milliseconds.</summary>
    public const double ResolutionMs = 1;

    /// <summary>What the records of requests whose client went away give as their error.</summary>
    public const string ClientClosedRequest = "client_closed_request";

    // https://nginx.org/en/docs/varindex.html
    private const string Msec = "msec";
    private const string RequestTime = "request_time";
    private const string RemoteAddr = "remote_addr";
    private const string RemotePort = "remote_port";
    private const string ServerAddr = "server_addr";
    private const string ServerPort = "server_port";
    private const string Connection = "connection";
    private const string ConnectionRequests = "connection_requests";
    private const string RequestLength = "request_length";
    private const string BytesSent = "bytes_sent";
    private const string Status = "status";
    private const string RequestCompletion = "request_completion";
    private const string RequestMethod = "request_method";
    private const string Uri = "uri";
    private const string ServerProtocol = "server_protocol";
    private const string Https = "https";
    private const string TcpInfoRtt = "tcpinfo_rtt";

    private const string UnixSocket = "unix:";
    private const int StatusClientClosedRequest = 499; // nginx's own: no response was sent
    private const int FirstErrorStatus = 400;
    private const int LastStatus = 999;
    private const decimal NsPerSecond = 1_000_000_000;
    private const decimal MsPerSecond = 1_000;
    private const decimal LastUnixSecond = 9_223_372_036; // of what fits into nanoseconds
    private const decimal LongestSeconds = (decimal)RequestRecordJson.MaxLatencyMs / MsPerSecond;

    /// <summary>Lines of the log as a kind of record; written, they are request records as any other.</summary>
    public static RecordKind<RequestRecord> Kind { get; } = new("logged request", null, Read, RequestRecordJson.Write);

    private static RequestRecord Read(ref FieldReader fields)
    {
        RequestId? id = null;
        decimal? loggedAt = null, seconds = null;
        LogAddress remote = default, server = default;
        long? requestBytes = null, responseBytes = null;
        int? status = null, connectionRequest = null;
        string? method = null, uri = null, protocol = null;
        var tls = false;

        while (fields.Next())
        {
            switch (fields.Name)
            {
                case RequestIdJson.Name: id = RequestIdJson.Read(ref fields); break;
                case Msec: loggedAt = fields.Decimal(0, LastUnixSecond); break;
                case RequestTime: seconds = fields.Decimal(0, LongestSeconds); break;
                case RemoteAddr: remote.Host = fields.Text(); break;
                case RemotePort: remote.Port = fields.TextOrNumber(); break;
                case ServerAddr: server.Host = fields.Text(); break;
                case ServerPort: server.Port = fields.TextOrNumber(); break;
                case ConnectionRequests: connectionRequest = (int)fields.WholeDecimal(1, int.MaxValue); break;
                case RequestLength: requestBytes = (long)fields.WholeDecimal(0, long.MaxValue); break;
                case BytesSent: responseBytes = (long)fields.WholeDecimal(0, long.MaxValue); break;
                case Status: status = (int)fields.WholeDecimal(0, LastStatus); break;
                case RequestMethod: method = Given(fields.Text()); break;
                case Uri: uri = Given(LogText.WithoutQuery(fields.LossyText())); break;
                case ServerProtocol: protocol = Given(fields.Text()); break;
                case Https: tls = fields.Text() == "on"; break;
                case Connection or RequestCompletion or TcpInfoRtt: fields.Skip(); break;
                default: fields.SkipUnknown(); break;
            }
        }

        FieldReader.Require(id is not null, RequestIdJson.Name);
        FieldReader.Require(loggedAt is not null, Msec);
        FieldReader.Require(seconds is not null, RequestTime);
        FieldReader.Require(remote.Host is not null, RemoteAddr);
        FieldReader.Require(server.Host is not null, ServerAddr);
        FieldReader.Require(connectionRequest is not null, ConnectionRequests);
        FieldReader.Require(requestBytes is not null, RequestLength);
        FieldReader.Require(responseBytes is not null, BytesSent);
        FieldReader.Require(status is not null, Status);
        var overTcp = !IsUnixSocket(remote) && !IsUnixSocket(server);
        return new RequestRecord
        {
            RequestId = id!.Value,
            LatencyMs = (double)(seconds!.Value * MsPerSecond),
            StatusCode = status!.Value,
            Result = ResultOf(status.Value),
            Role = RequestRole.Server,
            StartUnixNs = Start(loggedAt!.Value, seconds.Value),
            Local = overTcp ? server.ToEndpoint(ServerAddr, ServerPort, UnixSocket) : null,
            Peer = overTcp ? remote.ToEndpoint(RemoteAddr, RemotePort, UnixSocket) : null,
            Method = method,
            Route = uri,
            RequestBytes = requestBytes,
            ResponseBytes = responseBytes,
            ConnectionRequest = connectionRequest,
            ErrorType = status == StatusClientClosedRequest ? ClientClosedRequest : null,
            Service = Service,
            Protocol = protocol,
            Tls = tls,
            ResolutionMs = ResolutionMs,
        };
    }

    // Status 0, written 000, is nginx's for a request that ended before there was a status.
    private static RequestResult ResultOf(int status) => status switch
    {
        0 or StatusClientClosedRequest => RequestResult.Error,
        < FirstErrorStatus => RequestResult.Success,
        _ => RequestResult.HttpError,
    };

    // nginx writes the line when the request is over: $msec is its end. In decimals, where a double would lose the nanoseconds.
    private static long Start(decimal loggedAt, decimal seconds)
    {
        var startNs = (loggedAt - seconds) * NsPerSecond;
        return startNs >= 1
            ? (long)startNs
            : throw new FieldException($"{RequestTime} reaches back before 1970 from {Msec}; expected the seconds that the request took", 0);
    }

    // nginx writes an empty string where a variable has no value.
    private static string? Given(string text) => text.Length == 0 ? null : text;

    private static bool IsUnixSocket(LogAddress address) => address.Host!.StartsWith(UnixSocket, StringComparison.Ordinal);
}
