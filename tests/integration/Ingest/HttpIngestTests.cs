using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.Http;
using CrossLayer.Host.Web;

namespace CrossLayer.Integration.Tests.Ingest;

public sealed class HttpIngestTests : IAsyncLifetime, IDisposable
{
    private const string Good = """{"request_id":"a","latency_ms":1,"result":"success","route":"/orders/17?who=me"}""";
    private const string Bad = """{"request_id":"b","latency_ms":1}""";

    private static readonly ListenSettings Anywhere = new(HttpIngest.Section, new IPEndPoint(IPAddress.Loopback, 0), null, null, null);
    private static readonly IngestLimits Small = new()
    {
        MaxBodyBytes = 4096,
        MaxDecompressedBytes = 16384,
        MaxRecords = 50,
        RequestsPerSecond = 1000,
        RecordsPerSecond = 1000,
        MaxConnections = 8,
        HeadersTimeout = TimeSpan.FromSeconds(1),
        BodyTimeout = TimeSpan.FromSeconds(1),
    };

    private readonly CollectingSink _sink = new();
    private readonly HttpClient _client = new();
    private RecordIntake _intake = null!;
    private HttpIngest _ingest = null!;

    public Task InitializeAsync() => StartAsync(Small);

    [Theory]
    [InlineData($"[{Good},{Good}]", 2)]
    [InlineData(Good, 1)]
    [InlineData($"{Good}\n{Good}\n{Good}\n", 3)]
    public async Task Takes_records_and_keeps_no_query(string body, int expected)
    {
        var (response, answer) = await PostAsync(Text(body));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal($$"""{"accepted":{{expected}},"rejected":0}""", answer);
        Assert.Equal(expected, _sink.Records.Count);
        Assert.All(_sink.Records, record => Assert.Equal("/orders/{id}", record.Route));
        Assert.Equal(expected, _intake.Accepted);
    }

    [Fact]
    public async Task Takes_gzip()
    {
        var (response, _) = await PostAsync(Gzip(Encoding.UTF8.GetBytes($"[{Good}]")));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Single(_sink.Records);
    }

    [Fact]
    public async Task A_bad_record_is_named_and_costs_no_other()
    {
        var (response, answer) = await PostAsync(Text($"{Good}\n{Bad}\n{Good}"));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("""{"accepted":2,"rejected":1,"first_error":"body, line 2: result is missing; every such record has one"}""", answer);
        Assert.Equal(1, _intake.Rejected[Rejection.Malformed]);
    }

    [Theory]
    [InlineData("no json", 400)]
    [InlineData(Bad, 400)]
    [InlineData(" \n", 400)]
    public async Task What_has_no_good_record_is_refused(string body, int status)
    {
        var (response, answer) = await PostAsync(Text(body));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains("first_error", answer, StringComparison.Ordinal);
        Assert.Equal(1, _intake.Rejected[Rejection.Malformed]);
    }

    [Fact]
    public async Task What_is_too_large_is_refused_also_when_it_says_so_late()
    {
        var large = new string(' ', Small.MaxBodyBytes) + Good;

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(Text(large))).Response.StatusCode);
        var chunked = new HttpRequestMessage(HttpMethod.Post, Url) { Content = Text(large) };
        chunked.Headers.TransferEncodingChunked = true;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _client.SendAsync(chunked)).StatusCode);
        var many = string.Join('\n', Enumerable.Repeat("{}", Small.MaxRecords + 1));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(Text(many))).Response.StatusCode);
        Assert.Equal(3, _intake.Rejected[Rejection.TooLarge]);
        Assert.Empty(_sink.Records);
    }

    [Fact]
    public async Task A_bomb_is_refused_before_it_goes_off()
    {
        var bomb = Gzip(new byte[2_000_000]);
        Assert.True((await bomb.ReadAsByteArrayAsync()).Length < Small.MaxBodyBytes);

        var (response, answer) = await PostAsync(bomb);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("larger than 16384 bytes decompressed", answer, StringComparison.Ordinal);
        Assert.Equal(1, _intake.Rejected[Rejection.TooLarge]);
    }

    [Fact]
    public async Task Gzip_that_is_none_or_is_cut_short_is_refused()
    {
        var whole = await Gzip(Encoding.UTF8.GetBytes($"[{Good}]")).ReadAsByteArrayAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Encoded("gzip", Encoding.UTF8.GetBytes(Good)))).Response.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Encoded("gzip", whole[..^20]))).Response.StatusCode);
        Assert.Empty(_sink.Records);
    }

    [Fact]
    public async Task Other_encodings_types_methods_and_paths_are_refused()
    {
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(Encoded("br", [1, 2]))).Response.StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await PostAsync(new StringContent(Good, Encoding.UTF8, "text/plain"))).Response.StatusCode);
        var get = await _client.GetAsync(Url);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Equal("POST", get.Content.Headers.Allow.Single());
        Assert.Equal(3, _intake.Rejected[Rejection.Malformed]);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.PostAsync(new Uri(Url, "/"), Text(Good))).StatusCode);
    }

    [Fact]
    public async Task A_full_pipeline_says_how_many_it_took()
    {
        _sink.Capacity = 1;

        var (response, answer) = await PostAsync(Text($"[{Good},{Good},{Good}]"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.StartsWith("""{"accepted":1,"rejected":2,""", answer, StringComparison.Ordinal);
        Assert.Equal(2, _intake.Rejected[Rejection.PipelineFull]);
    }

    [Fact]
    public async Task Who_sends_too_much_is_told_when_to_come_back()
    {
        await RestartAsync(Small with { RequestsPerSecond = 2 });
        var last = (await PostAsync(Text(Good))).Response;
        for (var i = 0; i < 20 && last.StatusCode == HttpStatusCode.Accepted; i++)
            last = (await PostAsync(Text(Good))).Response;
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.InRange(last.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        await RestartAsync(Small with { RecordsPerSecond = 1, MaxRecords = 3 });
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(Text($"[{Good},{Good},{Good}]"))).Response.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await PostAsync(Text($"[{Good},{Good}]"))).Response.StatusCode);
        Assert.Equal(1 + 2, _intake.Rejected[Rejection.RateLimited]);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            "POST /v1/requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[{"));

        Assert.StartsWith("HTTP/1.1 408", await ReadToEndAsync(socket), StringComparison.Ordinal);
        Assert.Equal(1, _intake.Rejected[Rejection.TooSlow]);
    }

    [Fact]
    public async Task A_head_that_does_not_come_is_given_up()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync("POST /v1/requests HTTP/1.1\r\nHost:"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 408", await ReadToEndAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_are_only_so_many_connections()
    {
        // One too many, whichever of them the server comes to last; none says anything.
        var sockets = Enumerable.Range(0, Small.MaxConnections + 1)
            .Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToList();
        var refused = await Task.WhenAny([.. sockets.Select(ConnectAndReadToEndAsync)]);
        Assert.Equal("", await refused);
        Assert.Equal(1, _intake.Rejected[Rejection.TooManySenders]);
        sockets.ForEach(socket => socket.Dispose());
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await PostAsync(Text(Good))).Response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, () => "no connection became free");
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_is_counted_and_harms_nobody()
    {
        using (var socket = await ConnectAsync())
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(
                "POST /v1/requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[{"));
        }

        await Eventually.TrueAsync(() => _intake.Rejected.ContainsKey(Rejection.Malformed), () => "not counted");
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(Text(Good))).Response.StatusCode);
    }

    public Task DisposeAsync() => _ingest.DisposeAsync().AsTask();

    public void Dispose() => _client.Dispose();

    private Uri Url => new($"http://{_ingest.Address}{HttpIngest.Path}");

    private static StringContent Text(string body) => new(body, Encoding.UTF8, "application/json");

    private static ByteArrayContent Encoded(string encoding, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return content;
    }

    private static ByteArrayContent Gzip(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            gzip.Write(body);
        return Encoded("gzip", compressed.ToArray());
    }

    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // An end, too.
        }

        return text.ToString();
    }

    /// <summary>What a connection is told until its end, which may come before its beginning has been noticed.</summary>
    private async Task<string> ConnectAndReadToEndAsync(Socket socket)
    {
        try
        {
            await socket.ConnectAsync(_ingest.Address!);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "";
        }

        return await ReadToEndAsync(socket);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_ingest.Address!);
        return socket;
    }

    private async Task<(HttpResponseMessage Response, string Answer)> PostAsync(HttpContent content)
    {
        var response = await _client.PostAsync(Url, content);
        return (response, await response.Content.ReadAsStringAsync());
    }

    private async Task StartAsync(IngestLimits limits)
    {
        _intake ??= new RecordIntake(HttpIngest.Source, _sink, TimeProvider.System);
        _ingest = new HttpIngest(Anywhere, limits, _intake);
        await _ingest.StartAsync(default);
    }

    private async Task RestartAsync(IngestLimits limits)
    {
        await _ingest.DisposeAsync();
        await StartAsync(limits);
    }
}
