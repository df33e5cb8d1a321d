using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Host.Files;

/// <summary>
/// Request records in JSON. <c>request_id</c>, <c>latency_ms</c> and <c>result</c> are required; an absent
/// <c>status_code</c> is 0 (no response), an absent <c>role</c> the client's.
/// </summary>
internal static class RequestRecordJson
{
    /// <summary>The longest latency that is taken for one, in milliseconds: 115 days.</summary>
    public const double MaxLatencyMs = 1e10;

    private const string LatencyMs = "latency_ms";
    private const string StatusCode = "status_code";
    private const string Result = "result";
    private const string Role = "role";
    private const string StartUnixNs = "start_unix_ns";
    private const string LocalEndpoint = "local_endpoint";
    private const string PeerEndpoint = "peer_endpoint";
    private const string Method = "method";
    private const string Route = "route";
    private const string RequestBytes = "request_bytes";
    private const string ResponseBytes = "response_bytes";
    private const string SocketCookie = "socket_cookie";
    private const string ConnectionRequest = "connection_request";
    private const string ErrorType = "error_type";
    private const string Service = "service";
    private const string TraceId = "trace_id";
    private const string Protocol = "protocol";
    private const string Tls = "tls";
    private const string ResolutionMs = "resolution_ms";
    private const string ExpectedSlow = "expected_slow";

    private static readonly EnumNames<RequestResult> Results = new();
    private static readonly EnumNames<RequestRole> Roles = new();

    /// <summary>Request records as a kind of record.</summary>
    public static RecordKind<RequestRecord> Kind { get; } = new("request record", null, Read, Write);

    /// <summary>The name of a result in files.</summary>
    public static string NameOf(RequestResult result) => Results[result].Value;

    /// <inheritdoc cref="ReadRecord{T}"/>
    public static RequestRecord Read(ref FieldReader fields)
    {
        RequestId? id = null;
        double? latencyMs = null, resolutionMs = null;
        RequestResult? result = null;
        var statusCode = 0;
        var role = RequestRole.Client;
        bool expectedSlow = false, tls = false;
        long? startUnixNs = null, requestBytes = null, responseBytes = null;
        Endpoint? local = null, peer = null;
        string? method = null, route = null, errorType = null, service = null, traceId = null, protocol = null;
        ulong? socketCookie = null;
        int? connectionRequest = null;

        while (fields.Next())
        {
            switch (fields.Name)
            {
                case RequestIdJson.Name: id = RequestIdJson.Read(ref fields); break;
                case LatencyMs: latencyMs = fields.Number(0, MaxLatencyMs); break;
                case StatusCode: statusCode = fields.Whole<int>(least: 0); break;
                case Result: result = fields.Enum(Results); break;
                case Role: role = fields.Enum(Roles); break;
                case StartUnixNs: startUnixNs = fields.Whole<long>(least: 1); break;
                case LocalEndpoint: local = fields.Endpoint(); break;
                case PeerEndpoint: peer = fields.Endpoint(); break;
                case Method: method = fields.Text(); break;
                case Route: route = fields.Text(); break;
                case RequestBytes: requestBytes = fields.Whole<long>(least: 0); break;
                case ResponseBytes: responseBytes = fields.Whole<long>(least: 0); break;
                case SocketCookie: socketCookie = fields.Whole<ulong>(); break;
                case ConnectionRequest: connectionRequest = fields.Whole<int>(least: 1); break;
                case ErrorType: errorType = fields.Text(); break;
                case Service: service = fields.Text(); break;
                case TraceId: traceId = fields.Text(); break;
                case Protocol: protocol = fields.Text(); break;
                case Tls: tls = fields.Flag(); break;
                case ResolutionMs: resolutionMs = fields.Number(0, MaxLatencyMs); break;
                case ExpectedSlow: expectedSlow = fields.Flag(); break;
                default: fields.SkipUnknown(); break;
            }
        }

        FieldReader.Require(id is not null, RequestIdJson.Name);
        FieldReader.Require(latencyMs is not null, LatencyMs);
        FieldReader.Require(result is not null, Result);
        return new RequestRecord
        {
            RequestId = id!.Value,
            LatencyMs = latencyMs!.Value,
            StatusCode = statusCode,
            Result = result!.Value,
            Role = role,
            StartUnixNs = startUnixNs,
            Local = local,
            Peer = peer,
            Method = method,
            Route = route,
            RequestBytes = requestBytes,
            ResponseBytes = responseBytes,
            SocketCookie = socketCookie,
            ConnectionRequest = connectionRequest,
            ErrorType = errorType,
            Service = service,
            TraceId = traceId,
            Protocol = protocol,
            Tls = tls,
            ResolutionMs = resolutionMs,
            ExpectedSlow = expectedSlow,
        };
    }

    /// <inheritdoc cref="WriteRecord{T}"/>
    public static void Write(Utf8JsonWriter writer, in RequestRecord record)
    {
        writer.WriteStartObject();
        RequestIdJson.Write(writer, record.RequestId);
        writer.WriteOrNull(LatencyMs, record.LatencyMs);
        writer.WriteNumber(StatusCode, record.StatusCode);
        writer.WriteString(Result, Results[record.Result]);
        writer.WriteString(Role, Roles[record.Role]);
        writer.WriteGiven(StartUnixNs, record.StartUnixNs);
        writer.WriteGiven(LocalEndpoint, record.Local);
        writer.WriteGiven(PeerEndpoint, record.Peer);
        writer.WriteGiven(Method, record.Method);
        writer.WriteGiven(Route, record.Route);
        writer.WriteGiven(RequestBytes, record.RequestBytes);
        writer.WriteGiven(ResponseBytes, record.ResponseBytes);
        if (record.SocketCookie is { } cookie)
            writer.WriteNumber(SocketCookie, cookie);
        writer.WriteGiven(ConnectionRequest, record.ConnectionRequest);
        writer.WriteGiven(ErrorType, record.ErrorType);
        writer.WriteGiven(Service, record.Service);
        writer.WriteGiven(TraceId, record.TraceId);
        writer.WriteGiven(Protocol, record.Protocol);
        if (record.Tls)
            writer.WriteBoolean(Tls, true);
        writer.WriteGiven(ResolutionMs, record.ResolutionMs);
        if (record.ExpectedSlow)
            writer.WriteBoolean(ExpectedSlow, true);
        writer.WriteEndObject();
    }
}
