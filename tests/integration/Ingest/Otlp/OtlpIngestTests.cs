using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.Otlp;
using CrossLayer.Host.Ingest.Otlp.Wire;
using CrossLayer.Host.Web;
using Google.Protobuf;
using OpenTelemetry.Exporter;

namespace CrossLayer.Integration.Tests.Ingest.Otlp;

[Collection(TracedShop.Collection)]
public sealed class OtlpIngestTests : IAsyncLifetime, IDisposable
{
    // As a stock exporter writes it: ids in hexadecimal, 64-bit numbers as strings.
    private const string Json = """
        {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"schemaUrl":"x","scopeSpans":[{"scope":{"name":"s"},
         "spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173","name":"GET","kind":2,
          "startTimeUnixNano":"1767225600000000000","endTimeUnixNano":1767225600500000000,"status":{},"attributes":[
          {"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"http.response.status_code","value":{"intValue":"200"}},
          {"key":"list","value":{"arrayValue":{"values":[{"intValue":1}]}}}]}]}]}]}
        """;

    private static readonly IngestLimits Small = new()
    {
        MaxBodyBytes = 20_000,
        MaxDecompressedBytes = 40_000,
        MaxRecords = 20,
        RequestsPerSecond = 1000,
        BodyTimeout = TimeSpan.FromSeconds(2),
    };

    private readonly CollectingSink _sink = new();
    private readonly RecordIntake _httpIntake;
    private readonly RecordIntake _grpcIntake;
    private readonly OtlpHttpIngest _http;
    private readonly OtlpGrpcIngest _grpc;
    private readonly HttpClient _client = new();

    public OtlpIngestTests()
    {
        _httpIntake = new RecordIntake(OtlpHttpIngest.Source, _sink, TimeProvider.System);
        _grpcIntake = new RecordIntake(OtlpGrpcIngest.Source, _sink, TimeProvider.System);
        _http = new OtlpHttpIngest(Anywhere(OtlpHttpIngest.Section), Small, _httpIntake);
        _grpc = new OtlpGrpcIngest(Anywhere(OtlpGrpcIngest.Section), Small, _grpcIntake);
    }

    public async Task InitializeAsync()
    {
        await _http.StartAsync(default);
        await _grpc.StartAsync(default);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    [InlineData(OtlpExportProtocol.Grpc)]
    public async Task Takes_what_the_OpenTelemetry_SDK_exports(OtlpExportProtocol protocol)
    {
        var isGrpc = protocol == OtlpExportProtocol.Grpc;
        await using var shop = await TracedShop.StartAsync(isGrpc ? new Uri($"http://{_grpc.Address}") : HttpUrl, protocol);

        Assert.True(await shop.WorkAsync());

        var records = await _sink.WaitForAsync(2);
        var server = Assert.Single(records, record => record.Role == RequestRole.Server);
        var client = Assert.Single(records, record => record.Role == RequestRole.Client);
        Assert.Equal((200, RequestResult.Success, "GET", "/orders/{order}", "shop", "HTTP/1.1"),
            (server.StatusCode, server.Result, server.Method, server.Route, server.Service, server.Protocol));
        Assert.NotNull(server.Local);
        Assert.NotNull(server.Peer);
        Assert.Equal((200, "/orders/{id}", null), (client.StatusCode, client.Route, client.Local));
        Assert.Equal(client.TraceId, server.TraceId);
        Assert.Equal((32, 16), (client.TraceId!.Length, client.RequestId.Text.Length));
        Assert.InRange(client.LatencyMs, server.LatencyMs / 2, 60_000);
        var intake = isGrpc ? _grpcIntake : _httpIntake;
        Assert.Equal((2L, 1L), (intake.Accepted, intake.Rejected[Rejection.NoRequest]));
        Assert.Single(intake.Rejected);
    }

    [Fact]
    public async Task Takes_JSON_with_ids_in_hexadecimal()
    {
        var (status, answer) = await PostAsync(new StringContent(Json, new MediaTypeHeaderValue("application/json")));

        Assert.Equal((HttpStatusCode.OK, "{ }"), (status, answer));
        var record = Assert.Single(_sink.Records);
        Assert.Equal(("eee19b7ec3c1b174", "5b8efff798038103d269b633813fc60c", 500.0, 200, "shop"),
            (record.RequestId.Text, record.TraceId, record.LatencyMs, record.StatusCode, record.Service));
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("{\"resourceSpans\":7}", 400)]
    [InlineData("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"spanId\":\"x\"}]}]}]}", 400)]
    [InlineData("[]", 400)]
    public async Task JSON_of_something_else_is_refused(string json, int status)
    {
        Assert.Equal(status, (int)(await PostAsync(new StringContent(json, new MediaTypeHeaderValue("application/json")))).Status);
        Assert.Equal(1, _httpIntake.Rejected[Rejection.Malformed]);
    }

    [Fact]
    public async Task Bad_spans_are_told_as_a_partial_success()
    {
        var request = Spans(3);
        request.ResourceSpans[0].ScopeSpans[0].Spans[1].EndTimeUnixNano = 1;

        var (status, answer) = await PostAsync(Protobuf(request.ToByteArray()));

        Assert.Equal(HttpStatusCode.OK, status);
        var partial = ExportTraceServiceResponse.Parser.ParseFrom(System.Text.Encoding.Latin1.GetBytes(answer)).PartialSuccess;
        Assert.Equal(1, partial.RejectedSpans);
        Assert.Contains("end_time_unix_nano is 1;", partial.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal((2, 1L), (_sink.Records.Count, _httpIntake.Rejected[Rejection.Malformed]));
    }

    [Fact]
    public async Task Too_many_spans_bombs_and_other_types_are_refused_over_HTTP()
    {
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(Protobuf(Spans(21).ToByteArray()))).Status);
        var bomb = Protobuf(Gzip(new byte[1_000_000]));
        bomb.Headers.ContentEncoding.Add("gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(bomb)).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(new StringContent("x"))).Status);
        Assert.Equal(2, _httpIntake.Rejected[Rejection.TooLarge]);
        Assert.Empty(_sink.Records);
    }

    [Fact]
    public async Task A_full_pipeline_asks_to_try_again()
    {
        _sink.Capacity = 0;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(Protobuf(Spans(3).ToByteArray()))).Status);
        var (code, headers) = await CallAsync(Spans(3).ToByteArray());

        Assert.Equal("14", code);
        var details = RpcStatus.Parser.ParseFrom(Convert.FromBase64String(Padded(headers.GetValues("grpc-status-details-bin").Single()))).Details;
        Assert.Equal("type.googleapis.com/google.rpc.RetryInfo", Assert.Single(details).TypeUrl);
        Assert.Equal((3L, 3L), (_httpIntake.Rejected[Rejection.PipelineFull], _grpcIntake.Rejected[Rejection.PipelineFull]));
    }

    [Fact]
    public async Task What_gRPC_is_not_to_take_is_refused_and_counted()
    {
        Assert.Equal("3", (await CallAsync([0xFF, 0xFF])).Code);
        Assert.Equal("8", (await CallAsync(Spans(21).ToByteArray())).Code);
        Assert.Equal("8", (await CallAsync(Gzip(new byte[1_000_000]), isCompressed: true)).Code);
        Assert.Equal("0", (await CallAsync(Gzip(Spans(2).ToByteArray()), isCompressed: true)).Code);
        Assert.Equal((2L, 1L), (_grpcIntake.Rejected[Rejection.TooLarge], _grpcIntake.Rejected[Rejection.Malformed]));
        Assert.Equal(2, _sink.Records.Count);
    }

    [Fact]
    public async Task A_message_of_gRPC_that_does_not_come_is_given_up()
    {
        var never = new TaskCompletionSource();
        using var request = Call(new Slow(never.Task));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.SendAsync(request));
        never.SetResult();
        Assert.Equal(1, _grpcIntake.Rejected[Rejection.TooSlow]);
    }

    public async Task DisposeAsync()
    {
        await _http.DisposeAsync();
        await _grpc.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    private Uri HttpUrl => new($"http://{_http.Address}{OtlpHttpIngest.Path}");

    private static ListenSettings Anywhere(string section) => new(section, new IPEndPoint(IPAddress.Loopback, 0), null, null, null);

    private static ByteArrayContent Protobuf(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        return content;
    }

    private static byte[] Gzip(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            gzip.Write(body);
        return compressed.ToArray();
    }

    private static string Padded(string base64) => base64.PadRight((base64.Length + 3) / 4 * 4, '=');

    private static ExportTraceServiceRequest Spans(int count)
    {
        var scope = new ScopeSpans();
        for (var i = 1; i <= count; i++)
        {
            scope.Spans.Add(new Span
            {
                SpanId = ByteString.CopyFrom(0, 0, 0, 0, 0, 0, 0, (byte)i),
                Kind = SpanKind.Server,
                StartTimeUnixNano = 1_767_225_600_000_000_000,
                EndTimeUnixNano = 1_767_225_600_000_000_001,
                Attributes = { new KeyValue { Key = "http.request.method", Value = new AnyValue { StringValue = "GET" } } },
            });
        }

        return new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } };
    }

    private async Task<(HttpStatusCode Status, string Answer)> PostAsync(HttpContent content)
    {
        using var response = await _client.PostAsync(HttpUrl, content);
        return (response.StatusCode, System.Text.Encoding.Latin1.GetString(await response.Content.ReadAsByteArrayAsync()));
    }

    private HttpRequestMessage Call(HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://{_grpc.Address}/{TraceService.Name}/Export")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Add("te", "trailers");
        request.Headers.Add("grpc-encoding", "gzip");
        return request;
    }

    private async Task<(string Code, HttpHeaders Headers)> CallAsync(byte[] message, bool isCompressed = false)
    {
        byte[] head = [(byte)(isCompressed ? 1 : 0), 0, 0, 0, 0];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), message.Length);
        using var request = Call(new ByteArrayContent([.. head, .. message]));
        var response = await _client.SendAsync(request);
        HttpHeaders headers = response.Headers.Contains("grpc-status") ? response.Headers : response.TrailingHeaders;
        return (headers.GetValues("grpc-status").Single(), headers);
    }

    private sealed class Slow(Task rest) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[] { 0, 0, 0, 0, 100, 1 });
            await stream.FlushAsync();
            await rest;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
