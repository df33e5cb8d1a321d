using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>Senders that send what they should not, or as slowly as they can.</summary>
public sealed class HostileSenderTests
{
    private const string Record = """{"request_id":"a1","latency_ms":12.5,"status_code":200,"result":"success","local_endpoint":"10.0.0.5:80","peer_endpoint":"10.0.0.9:410"}""";

    private const long MostGrowthBytes = 200 << 20;

    [RequiresKernelFact]
    public async Task Ten_thousand_hostile_inputs_are_refused_and_counted_and_cost_bounded_memory()
    {
        const int each = 2_000;
        using var program = new CrossLayerProgram();
        var (log, socket) = (program.FileIn("access.log"), program.FileIn("in.sock"));
        await File.WriteAllTextAsync(log, "");
        var (otlp, grpc) = (RunningDaemon.FreePort(), RunningDaemon.FreePort());
        await using var daemon = await RunningDaemon.StartAsync(program, 1, $"ingest.unix.path={socket}",
            $"ingest.access-logs=[{{ path = \"{log}\", format = nginx }}]", $"ingest.otlp-http.listen=127.0.0.1:{otlp}",
            $"ingest.otlp-grpc.listen=127.0.0.1:{grpc}",
            "ingest.limits.requests-per-second=100000", "ingest.limits.max-body-bytes=65536", "ingest.limits.max-decompressed-bytes=262144");
        using var client = new HttpClient();
        using (var honest = Body(Encoding.UTF8.GetBytes(Record), "application/json"))
        using (var answer = await client.PostAsync($"http://127.0.0.1:{daemon.IngestPort}/v1/requests", honest))
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var before = ResidentBytes(daemon.Program.ProcessId);

        var random = new Random(1);
        for (var i = 0; i < each; i++)
        {
            await RefusedAsync(client, $"http://127.0.0.1:{daemon.IngestPort}/v1/requests", Hostile(random), "application/json");
            await RefusedAsync(client, $"http://127.0.0.1:{otlp}/v1/traces", Hostile(random), i % 2 == 0 ? "application/json" : "application/x-protobuf");
            await RefusedByGrpcAsync(client, grpc, Hostile(random), i);
        }

        using (var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            await unix.ConnectAsync(new UnixDomainSocketEndPoint(socket));
            var answers = DrainAsync(unix);
            for (var i = 0; i < each; i++)
                await unix.SendAsync(Line(Hostile(random)));
            unix.Shutdown(SocketShutdown.Send);
            await answers;
        }

        await using (var stream = new FileStream(log, FileMode.Append))
        {
            for (var i = 0; i < each; i++)
                await stream.WriteAsync(Line(Hostile(random)));
        }

        await daemon.WaitForAsync("crosslayer_records_rejected_total", "source=\"access_log\"", each * 9 / 10);
        Assert.InRange(await daemon.MetricAsync("crosslayer_records_rejected_total", "source=\"otlp_grpc\""), each / 2, double.MaxValue);
        // A body is one or, where it has several lines, more.
        Assert.InRange(await daemon.MetricAsync("crosslayer_records_rejected_total", "source=\"http\""), each * 9 / 10, double.MaxValue);
        Assert.InRange(await daemon.MetricAsync("crosslayer_records_rejected_total", "source=\"unix\""), each * 9 / 10, double.MaxValue);
        Assert.InRange(ResidentBytes(daemon.Program.ProcessId) - before, long.MinValue, MostGrowthBytes);
        using (var honest = Body(Encoding.UTF8.GetBytes(Record), "application/json"))
        using (var answer = await client.PostAsync($"http://127.0.0.1:{daemon.IngestPort}/v1/requests", honest))
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await daemon.Program.SignalAsync("TERM");
        Assert.Equal(0, await daemon.Program.ExitAsync());
    }

    [RequiresKernelFact]
    public async Task A_thousand_slow_senders_leave_room_for_an_honest_one_and_are_let_go()
    {
        const int slow = 1_000;
        using var program = new CrossLayerProgram();
        await using var daemon = await RunningDaemon.StartAsync(program, 1, "ingest.limits.headers-timeout=2s", "ingest.limits.requests-per-second=100000");
        var server = new IPEndPoint(IPAddress.Loopback, daemon.IngestPort);
        var senders = new List<Socket>();
        try
        {
            for (var i = 0; i < slow; i++)
            {
                var sender = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                senders.Add(sender);
                await sender.ConnectAsync(server);
                await sender.SendAsync("POST /v1/requests HTTP/1.1\r\nHost: x\r\nX-Slow: "u8.ToArray());
            }

            using var client = new HttpClient();
            for (var i = 0; i < 200; i++)
            {
                using var body = Body(Encoding.UTF8.GetBytes(Record), "application/json");
                using var answer = await client.PostAsync($"http://127.0.0.1:{daemon.IngestPort}/v1/requests", body);
                Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
            }

            var buffer = new byte[1024];
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            foreach (var sender in senders)
            {
                // 408, or nothing, and the end.
                while (await ReceiveAsync(sender, buffer, limit.Token) > 0)
                {
                }
            }
        }
        finally
        {
            senders.ForEach(sender => sender.Dispose());
        }

        Assert.Equal(200, await daemon.MetricAsync("crosslayer_records_accepted_total", "http"));
    }

    private static async Task<int> ReceiveAsync(Socket socket, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, cancellation);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task RefusedAsync(HttpClient client, string url, byte[] bytes, string type)
    {
        using var body = Body(bytes, type);
        if (bytes is [0x1f, 0x8b, ..])
            body.Headers.ContentEncoding.Add("gzip");
        try
        {
            using var answer = await client.PostAsync(url, body);
            Assert.True((int)answer.StatusCode is >= 400 and < 500 or 200, $"{answer.StatusCode} to {bytes.Length} bytes of {type}");
        }
        catch (HttpRequestException)
        {
            // closed while it still sent: too large
        }
    }

    /// <summary>A message with its length before it, or a length that is not its own; answered by a status (0 where the bytes happen to be a message), or by the connection's end.</summary>
    private static async Task RefusedByGrpcAsync(HttpClient client, int port, byte[] bytes, int turn)
    {
        var length = (turn % 3) switch { 0 => (uint)bytes.Length, 1 => (uint)bytes.Length / 2, _ => uint.MaxValue };
        byte[] message = [(byte)(bytes is [0x1f, 0x8b, ..] ? 1 : turn % 2), (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. bytes];
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = Body(message, "application/grpc"),
        };
        request.Headers.Add("grpc-encoding", "gzip");
        try
        {
            using var answer = await client.SendAsync(request);
            var statuses = answer.TrailingHeaders.Concat(answer.Headers).Where(header => header.Key == "grpc-status").SelectMany(header => header.Value);
            Assert.True((int)answer.StatusCode is >= 400 and < 500 || statuses.Any(), $"{answer.StatusCode} to {message.Length} bytes of gRPC");
        }
        catch (HttpRequestException)
        {
            // closed while it still sent: too large
        }
    }

    /// <summary>Bytes at random, a record with damage, nesting without end, a number without end, a bomb of gzip, too much of all.</summary>
    private static byte[] Hostile(Random random)
    {
        switch (random.Next(6))
        {
            case 0:
                var noise = new byte[random.Next(1, 2000)];
                random.NextBytes(noise);
                noise[0] = (byte)'x';
                return noise;
            case 1:
                return Encoding.UTF8.GetBytes(Record[..random.Next(1, Record.Length - 1)]);
            case 2:
                return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":[", random.Next(100, 5000))));
            case 3:
                return Encoding.ASCII.GetBytes($$"""{"request_id":1,"latency_ms":{{new string('9', random.Next(400, 3000))}},"result":"success"}""");
            case 4:
                return Bomb;
            default:
                return Encoding.ASCII.GetBytes(new string('[', random.Next(66_000, 100_000)));
        }
    }

    private static byte[] Bomb { get; } = MakeBomb();

    private static byte[] MakeBomb()
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(new byte[16 << 20]);
        return stream.ToArray();
    }

    private static byte[] Line(byte[] bytes) => [.. bytes.Where(value => value is not (byte)'\n' and not (byte)'\r'), (byte)'\n'];

    private static ByteArrayContent Body(byte[] bytes, string type) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };

    private static async Task DrainAsync(Socket socket)
    {
        var buffer = new byte[65536];
        while (await ReceiveAsync(socket, buffer, CancellationToken.None) > 0)
        {
        }
    }

    private static long ResidentBytes(int process) => long.Parse(File.ReadLines($"/proc/{process}/status")
        .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) << 10;
}
