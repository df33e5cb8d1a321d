using System.Buffers;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Files;

/// <summary>
/// HAProxy's log in the format of <c>config/haproxy/crosslayer.cfg</c>: one JSON object a line, perhaps behind what a syslog daemon puts
/// before it. Each line becomes a request record of the frontend's side, where HAProxy is the server.
/// </summary>
internal static class HaproxyLog
{
    /// <summary>The service that the records name.</summary>
    public const string Service = "haproxy";

    /// <summary>How exact the times are, in milliseconds: two that were cut to whole ones are added.</summary>
    public const double ResolutionMs = 2;

    /// <summary>The error of requests whose client stayed silent or stopped reading.</summary>
    public const string ClientTimeout = "client_timeout";

    /// <summary>The error of responses that the server behind HAProxy broke off.</summary>
    public const string ServerClosed = "server_closed";

    /// <summary>The error of responses that the server behind HAProxy did not finish in time.</summary>
    public const string ServerTimeout = "server_timeout";

    // https://docs.haproxy.org/2.6/configuration.html#8.2.6
    private const string AcceptSeconds = "accept_s";
    private const string AcceptMs = "accept_ms";
    private const string HandshakeMs = "handshake_ms";
    private const string IdleMs = "idle_ms";
    private const string ActiveMs = "active_ms";
    private const string ClientIp = "client_ip";
    private const string ClientPort = "client_port";
    private const string FrontendIp = "frontend_ip";
    private const string FrontendPort = "frontend_port";
    private const string ConnectionRequest = "connection_request";
    private const string Status = "status";
    private const string TerminationState = "termination_state";
    private const string Method = "method";
    private const string Path = "path";
    private const string Protocol = "protocol";
    private const string SslVersion = "ssl_version";
    private const string UniqueId = "unique_id";
    private const string Pid = "pid";
    private const string RequestCounter = "request_counter";

    private const string UnixSocket = "unix";
    private const string BadRequest = "<BADREQ>";
    private const int FirstErrorStatus = 400;
    private const int LastStatus = 999;
    private const long LastUnixSecond = 9_223_372_035;
    private const long LastUnixMs = long.MaxValue / NsPerMs;
    private const long LongestMs = (long)RequestRecordJson.MaxLatencyMs;
    private const long NsPerMs = 1_000_000;

    /// <summary>Lines of the log as a kind of record; written, they are request records as any other.</summary>
    public static RecordKind<RequestRecord> Kind { get; } = new("logged request", null, Read, RequestRecordJson.Write, Mend);

    /// <summary>
    /// The object in a line. HAProxy escapes nothing as JSON does: a backslash stands for itself, and bytes that could end a string are
    /// written as <c>#22</c>.
    /// </summary>
    /// <returns>False for a line without an object: HAProxy writes about its servers into the same log.</returns>
    internal static bool Mend(ReadOnlySpan<byte> line, IBufferWriter<byte> json)
    {
        var start = line.IndexOf((byte)'{');
        if (start < 0)
            return false;
        line = line[start..];
        while (line.IndexOf((byte)'\\') is var backslash and >= 0)
        {
            json.Write(line[..backslash]);
            json.Write(@"\\"u8);
            line = line[(backslash + 1)..];
        }

        json.Write(line);
        return true;
    }

    private static RequestRecord Read(ref FieldReader fields)
    {
        long? acceptSeconds = null, acceptMs = null, handshakeMs = null, idleMs = null, activeMs = null;
        LogAddress client = default, frontend = default;
        int? status = null, connectionRequest = null;
        string? state = null, method = null, path = null, protocol = null, uniqueId = null, pid = null, counter = null;
        var tls = false;

        while (fields.Next())
        {
            switch (fields.Name)
            {
                case AcceptSeconds: acceptSeconds = fields.SignedWhole(0, LastUnixSecond); break;
                case AcceptMs: acceptMs = fields.SignedWhole(0, 999); break;
                case HandshakeMs: handshakeMs = fields.SignedWhole(-1, LongestMs); break;
                case IdleMs: idleMs = fields.SignedWhole(-1, LongestMs); break;
                case ActiveMs: activeMs = fields.SignedWhole(0, LongestMs); break;
                case ClientIp: client.Host = fields.Text(); break;
                case ClientPort: client.Port = fields.TextOrNumber(); break;
                case FrontendIp: frontend.Host = fields.Text(); break;
                case FrontendPort: frontend.Port = fields.TextOrNumber(); break;
                case ConnectionRequest: connectionRequest = PlaceOf(ref fields); break;
                case Status: status = (int)fields.SignedWhole(-1, LastStatus); break;
                case TerminationState: state = fields.Text(); break;
                case Method: method = LogText.Given(LogText.FromHashes(fields.Text())); break;
                case Path: path = LogText.Given(LogText.WithoutQuery(LogText.FromHashes(fields.LossyText()))); break;
                case Protocol: protocol = LogText.Given(LogText.FromHashes(fields.Text())); break;
                case SslVersion: tls = LogText.Given(fields.Text()) is not null; break;
                case UniqueId: uniqueId = LogText.Given(fields.LossyText()); break;
                case Pid: pid = fields.TextOrNumber(); break;
                case RequestCounter: counter = fields.TextOrNumber(); break;
                case "request_ms" or "queue_ms" or "connect_ms" or "response_ms" or "backend_ip" or "backend_port" or "server_ip" or "server_port"
                    or "bytes_uploaded" or "bytes_read" or "retries":
                    fields.Skip();
                    break;
                default: fields.SkipUnknown(); break;
            }
        }

        FieldReader.Require(acceptSeconds is not null, AcceptSeconds);
        FieldReader.Require(acceptMs is not null, AcceptMs);
        FieldReader.Require(handshakeMs is not null, HandshakeMs);
        FieldReader.Require(idleMs is not null, IdleMs);
        FieldReader.Require(activeMs is not null, ActiveMs);
        FieldReader.Require(client.Host is not null, ClientIp);
        FieldReader.Require(frontend.Host is not null, FrontendIp);
        FieldReader.Require(status is not null, Status);
        FieldReader.Require(state is { Length: >= 2 }, TerminationState);
        FieldReader.Require(uniqueId is not null || (pid is not null && counter is not null), $"{UniqueId}, or {Pid} and {RequestCounter},");
        if (method == BadRequest)
        {
            // The client went away, or waited too long: it may not have asked at all.
            if (state![0] is 'C' or 'c')
                throw new NoRequestException();
            (method, path, protocol) = (null, null, null);
        }

        var startMs = (acceptSeconds!.Value * 1000) + acceptMs!.Value + Math.Max(0, handshakeMs!.Value) + Math.Max(0, idleMs!.Value);
        var overTcp = client.Host != UnixSocket && frontend.Host != UnixSocket;
        var (result, error) = ResultOf(status!.Value, state![0], state[1]);
        return new RequestRecord
        {
            RequestId = new RequestId(uniqueId ?? $"{pid}-{counter}"),
            LatencyMs = activeMs!.Value,
            StatusCode = Math.Max(0, status.Value),
            Result = result,
            Role = RequestRole.Server,
            StartUnixNs = startMs is >= 1 and <= LastUnixMs
                ? startMs * NsPerMs
                : throw new FieldException($"{AcceptSeconds} is {acceptSeconds}; expected the seconds since 1970", 0),
            Local = overTcp ? frontend.ToEndpoint(FrontendIp, FrontendPort, UnixSocket) : null,
            Peer = overTcp ? client.ToEndpoint(ClientIp, ClientPort, UnixSocket) : null,
            Method = method,
            Route = path,
            ConnectionRequest = connectionRequest,
            ErrorType = error,
            Service = Service,
            Protocol = protocol,
            Tls = tls,
            ResolutionMs = ResolutionMs,
        };
    }

    // "-" for a request that was refused before the frontend's rules ran, and where there are no such rules.
    private static int? PlaceOf(ref FieldReader fields) =>
        fields.IsNumber || LogText.Given(fields.Text()) is not null ? (int)fields.SignedWhole(1, int.MaxValue) : null;

    // https://docs.haproxy.org/2.6/configuration.html#8.5: who ended it, and what it was at. D and L: the response was under way.
    private static (RequestResult Result, string? Error) ResultOf(int status, char who, char phase) => (who, phase) switch
    {
        ('C', _) => (RequestResult.Error, NginxAccessLog.ClientClosedRequest),
        ('c', 'D' or 'L') => (RequestResult.Error, ClientTimeout),
        ('S', 'D' or 'L') => (RequestResult.Error, ServerClosed),
        ('s', 'D' or 'L') => (RequestResult.Error, ServerTimeout),
        _ when status <= 0 => (RequestResult.Error, null),
        _ => (status < FirstErrorStatus ? RequestResult.Success : RequestResult.HttpError, null),
    };
}
