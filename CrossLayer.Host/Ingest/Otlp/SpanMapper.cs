using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Ingest.Otlp.Wire;
using CrossLayer.Probe;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>
/// Makes request records of spans: of those of kind SERVER and CLIENT that have HTTP or RPC attributes, by OpenTelemetry's semantic
/// conventions and the names these had before they were stable. The attributes <c>crosslayer.*</c> are this program's own.
/// </summary>
internal static class SpanMapper
{
    private const double NsPerMs = 1e6;

    /// <summary>Maps all spans of a request.</summary>
    public static MappedSpans Map(ExportTraceServiceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var records = new List<RequestRecord>();
        var (noRequest, malformed) = (0, 0);
        string? firstError = null;
        foreach (var resource in request.ResourceSpans)
        {
            var service = new SpanAttributes(resource.Resource?.Attributes ?? []).Text("service.name");
            foreach (var span in resource.ScopeSpans.SelectMany(scope => scope.Spans))
            {
                var attributes = new SpanAttributes(span.Attributes);
                if (!IsRequest(span, attributes))
                {
                    noRequest++;
                }
                else if (Error(span) is { } error)
                {
                    malformed++;
                    firstError ??= error;
                }
                else
                {
                    records.Add(Record(span, attributes, service));
                }
            }
        }

        return new MappedSpans(records, noRequest, malformed, firstError);
    }

    // HTTP/3 is not TCP.
    private static bool IsRequest(Span span, SpanAttributes attributes) =>
        span.Kind is SpanKind.Server or SpanKind.Client && (IsHttp(attributes) || attributes.Has("rpc.system", "rpc.system.name"))
            && attributes.Text("network.protocol.version", "http.flavor") is not ("3" or "3.0" or "QUIC");

    private static bool IsHttp(SpanAttributes attributes) => attributes.Has("http.request.method", "http.method");

    private static string? Error(Span span)
    {
        if (SpanId.Of(span.SpanId, SpanId.SpanBytes) is not { } id)
            return $"a span_id is not {SpanId.SpanBytes} bytes, or all zeros";
        var (start, end) = (span.StartTimeUnixNano, span.EndTimeUnixNano);
        return start is 0 or > long.MaxValue || end < start || end - start > RequestRecordJson.MaxLatencyMs * NsPerMs
            ? $"span {id}: start_time_unix_nano is {start}, end_time_unix_nano is {end}; expected a start in this era, and an end at most 115 days after it"
            : null;
    }

    private static RequestRecord Record(Span span, SpanAttributes attributes, string? service)
    {
        var isServer = span.Kind == SpanKind.Server;
        var outcome = IsHttp(attributes) ? SpanOutcome.OfHttp(attributes) : SpanOutcome.OfRpc(span, attributes);
        return new RequestRecord
        {
            RequestId = new RequestId(SpanId.Of(span.SpanId, SpanId.SpanBytes)!),
            TraceId = SpanId.Of(span.TraceId, SpanId.TraceBytes),
            LatencyMs = (span.EndTimeUnixNano - span.StartTimeUnixNano) / NsPerMs,
            StartUnixNs = (long)span.StartTimeUnixNano,
            StatusCode = outcome.StatusCode,
            Result = outcome.Result,
            ErrorType = outcome.ErrorType,
            Role = isServer ? RequestRole.Server : RequestRole.Client,
            Local = Local(attributes, isServer),
            Peer = Peer(attributes, isServer),
            Method = attributes.Text("http.request.method", "http.method"),
            Route = Route(attributes),
            Protocol = Protocol(attributes),
            Tls = attributes.Text("url.scheme", "http.scheme") == "https" || Url(attributes)?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true,
            Service = service,
            SocketCookie = (ulong?)attributes.Whole(1, ulong.MaxValue, "crosslayer.socket_cookie"),
            RequestBytes = (long?)attributes.Whole(0, long.MaxValue, "crosslayer.request_bytes"),
            ResponseBytes = (long?)attributes.Whole(0, long.MaxValue, "crosslayer.response_bytes"),
            ConnectionRequest = (int?)attributes.Whole(1, int.MaxValue, "crosslayer.connection_request"),
        };
    }

    private static Endpoint? Local(SpanAttributes attributes, bool isServer) => SpanAttributes.Endpoint(
        attributes.Text("network.local.address", "net.sock.host.addr"),
        attributes.Port("network.local.port", "net.sock.host.port") ?? (isServer ? attributes.Port("server.port", "net.host.port") : null));

    // server.* and client.* are what the request names, perhaps through proxies: taken only where nothing is said of the connection itself.
    private static Endpoint? Peer(SpanAttributes attributes, bool isServer)
    {
        if (attributes.Text("network.peer.address", "net.sock.peer.addr") is { } address)
        {
            return SpanAttributes.Endpoint(
                address, attributes.Port("network.peer.port", "net.sock.peer.port") ?? (isServer ? null : attributes.Port("server.port", "net.peer.port")));
        }

        return isServer
            ? SpanAttributes.Endpoint(attributes.Text("client.address"), attributes.Port("client.port"))
            : SpanAttributes.Endpoint(attributes.Text("server.address"), attributes.Port("server.port"));
    }

    private static string? Url(SpanAttributes attributes) => attributes.Text("url.full", "http.url");

    // No query gets further than here.
    private static string? Route(SpanAttributes attributes)
    {
        if (!IsHttp(attributes))
        {
            var method = attributes.Text("rpc.method");
            return attributes.Text("rpc.service") is { } service ? $"/{service}/{method}" : method;
        }

        var route = attributes.Text("http.route", "url.template", "url.path", "http.target") ?? Url(attributes);
        return route is null ? null : RecordPrivacy.Template(route);
    }

    private static string? Protocol(SpanAttributes attributes)
    {
        if (attributes.Text("network.protocol.version", "http.flavor") is { } version)
            return version is "2" or "2.0" ? "HTTP/2" : $"HTTP/{version}";
        return attributes.Text("rpc.system", "rpc.system.name") == "grpc" ? "HTTP/2" : null;
    }
}
