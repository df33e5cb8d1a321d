using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest.Otlp;
using CrossLayer.Host.Ingest.Otlp.Wire;
using Google.Protobuf;

namespace CrossLayer.Host.Tests.Ingest.Otlp;

public class SpanMapperTests
{
    [Fact]
    public void A_server_span_becomes_a_server_record()
    {
        var record = Map(SpanKind.Server,
            ("http.request.method", "GET"), ("http.response.status_code", 404L), ("http.route", "/orders/{id}"), ("url.path", "/orders/17"),
            ("url.query", "who=me"), ("network.local.address", "10.0.0.5"), ("network.local.port", 8080L), ("network.peer.address", "::1"),
            ("network.peer.port", 41000L), ("network.protocol.version", "1.1"), ("error.type", "404"), ("crosslayer.socket_cookie", "18446744073709551615"),
            ("crosslayer.request_bytes", 300L), ("crosslayer.response_bytes", 400L));

        Assert.Equal(new RequestRecord
        {
            RequestId = new RequestId("00f067aa0ba902b7"),
            TraceId = "4bf92f3577b34da6a3ce929d0e0e4736",
            LatencyMs = 12.5,
            StartUnixNs = 1_767_225_600_000_000_000,
            StatusCode = 404,
            Result = RequestResult.HttpError,
            Role = RequestRole.Server,
            Local = Files.Records.EndpointOf("10.0.0.5:8080"),
            Peer = Files.Records.EndpointOf("[::1]:41000"),
            Method = "GET",
            Route = "/orders/{id}",
            Protocol = "HTTP/1.1",
            Service = "shop",
            SocketCookie = ulong.MaxValue,
            RequestBytes = 300,
            ResponseBytes = 400,
        }, record);
    }

    [Fact]
    public void A_client_span_of_stock_instrumentation_has_no_local_endpoint_and_no_query()
    {
        var record = Map(SpanKind.Client,
            ("http.request.method", "POST"), ("http.response.status_code", 200L), ("url.full", "https://user@shop.example/pay/4711?card=1#x"),
            ("server.address", "192.0.2.7"), ("server.port", 443L), ("network.protocol.version", "2"));

        Assert.Equal((RequestRole.Client, null, Files.Records.EndpointOf("192.0.2.7:443")), (record.Role, record.Local, record.Peer!.Value));
        Assert.Equal(("/pay/{id}", "HTTP/2", true, true), (record.Route, record.Protocol, record.Tls, record.SharesConnection));
    }

    [Fact]
    public void Names_from_before_the_conventions_were_stable_are_read()
    {
        var record = Map(SpanKind.Server,
            ("http.method", "GET"), ("http.status_code", "200"), ("http.target", "/a?b=c"), ("http.flavor", "1.0"), ("net.sock.host.addr", "127.0.0.1"),
            ("net.host.port", 80L), ("net.sock.peer.addr", "127.0.0.1"), ("net.sock.peer.port", 5000L), ("http.scheme", "http"));

        Assert.Equal((200, RequestResult.Success, "/a", "HTTP/1.0", false), (record.StatusCode, record.Result, record.Route, record.Protocol, record.Tls));
        Assert.Equal((Files.Records.EndpointOf("127.0.0.1:80"), Files.Records.EndpointOf("127.0.0.1:5000")), (record.Local!.Value, record.Peer!.Value));
    }

    [Theory]
    [InlineData("client.address", "client.port", "127.0.0.1", 9L, true)]
    [InlineData("client.address", "client.port", "some.host", 9L, false)]
    [InlineData("client.address", "client.port", "127.0.0.1", 0L, false)]
    [InlineData("client.address", "other.port", "127.0.0.1", 9L, false)]
    [InlineData("network.peer.address", "network.peer.port", "/run/socket", 9L, false)]
    [InlineData("network.peer.address", "client.port", "127.0.0.1", 9L, false)]
    public void A_servers_peer_has_an_address_and_a_port(string addressName, string portName, string address, long port, bool expected)
    {
        var record = Map(SpanKind.Server, ("http.request.method", "GET"), (addressName, address), (portName, port));

        Assert.Equal(expected, record.Peer is not null);
    }

    [Theory]
    [InlineData("System.Threading.Tasks.TaskCanceledException", RequestResult.Error)]
    [InlineData("java.net.SocketTimeoutException", RequestResult.Timeout)]
    [InlineData("ECONNREFUSED", RequestResult.Refused)]
    [InlineData("ConnectionResetError", RequestResult.Reset)]
    [InlineData("connection_error", RequestResult.Error)]
    public void What_got_no_response_failed_as_its_error_says(string error, RequestResult expected)
    {
        var record = Map(SpanKind.Client, ("http.request.method", "GET"), ("error.type", error));

        Assert.Equal((0, expected, error), (record.StatusCode, record.Result, record.ErrorType));
    }

    [Theory]
    [InlineData(true, 0L, 200, RequestResult.Success)]
    [InlineData(true, 14L, 200, RequestResult.HttpError)]
    [InlineData(false, 14L, 0, RequestResult.Error)]
    [InlineData(false, 4L, 0, RequestResult.Timeout)]
    [InlineData(false, 5L, 200, RequestResult.HttpError)]
    public void A_call_of_gRPC_is_a_request_over_HTTP_2(bool isServer, long code, int status, RequestResult result)
    {
        var record = Map(isServer ? SpanKind.Server : SpanKind.Client, ("rpc.system", "grpc"), ("rpc.service", "shop.Orders"), ("rpc.method", "Get"), ("rpc.grpc.status_code", code));

        Assert.Equal((status, result, "/shop.Orders/Get", "HTTP/2"), (record.StatusCode, record.Result, record.Route, record.Protocol));
    }

    [Fact]
    public void Spans_of_other_things_are_no_requests_and_no_errors()
    {
        var mapped = SpanMapper.Map(Request(
            Span(SpanKind.Internal, ("http.request.method", "GET")), Span(SpanKind.Client, ("db.system", "postgresql")),
            Span(SpanKind.Producer), Span(SpanKind.Server, ("http.request.method", "GET"), ("network.protocol.version", "3"))));

        Assert.Equal((0, 4, 0, null), (mapped.Records.Count, mapped.NoRequest, mapped.Malformed, mapped.FirstError));
    }

    [Fact]
    public void A_span_without_id_or_time_is_malformed()
    {
        var anonymous = Span(SpanKind.Server, ("http.request.method", "GET"));
        anonymous.SpanId = ByteString.CopyFrom(new byte[8]);
        var backwards = Span(SpanKind.Server, ("http.request.method", "GET"));
        backwards.EndTimeUnixNano = backwards.StartTimeUnixNano - 1;
        var timeless = Span(SpanKind.Server, ("http.request.method", "GET"));
        timeless.StartTimeUnixNano = 0;

        var mapped = SpanMapper.Map(Request(backwards, anonymous, timeless, Span(SpanKind.Server, ("http.request.method", "GET"))));

        Assert.Equal((1, 0, 3), (mapped.Records.Count, mapped.NoRequest, mapped.Malformed));
        Assert.StartsWith("span 00f067aa0ba902b7: start_time_unix_nano is 1767225600000000000, end_time_unix_nano is 1767225599999999999;", mapped.FirstError,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00F067AA0BA902B7")]
    [InlineData("00f067aa0ba902b7")]
    public void Ids_read_as_base64_are_given_back(string digits) =>
        Assert.Equal("00f067aa0ba902b7", SpanId.Of(ByteString.FromBase64(digits), SpanId.SpanBytes));

    private static RequestRecord Map(SpanKind kind, params (string, object)[] attributes) => Assert.Single(SpanMapper.Map(Request(Span(kind, attributes))).Records);

    private static ExportTraceServiceRequest Request(params Span[] spans) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new Resource { Attributes = { Attribute("service.name", "shop") } },
                ScopeSpans = { new ScopeSpans { Spans = { spans } } },
            },
        },
    };

    private static Span Span(SpanKind kind, params (string Name, object Value)[] attributes) => new()
    {
        TraceId = ByteString.CopyFrom(Convert.FromHexString("4bf92f3577b34da6a3ce929d0e0e4736")),
        SpanId = ByteString.CopyFrom(Convert.FromHexString("00f067aa0ba902b7")),
        Kind = kind,
        StartTimeUnixNano = 1_767_225_600_000_000_000,
        EndTimeUnixNano = 1_767_225_600_012_500_000,
        Attributes = { attributes.Select(attribute => Attribute(attribute.Name, attribute.Value)) },
    };

    private static KeyValue Attribute(string name, object value) => new()
    {
        Key = name,
        Value = value is long number ? new AnyValue { IntValue = number } : new AnyValue { StringValue = (string)value },
    };
}
