using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.Http;
using CrossLayer.Host.Ingest.UnixSocket;
using CrossLayer.Host.Web;
using CrossLayer.Integration.Tests.Ingest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Integration.Tests.Reporting;

public sealed class ClientLibraryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crosslayer-client-");
    private readonly CollectingSink _sink = new();

    [Fact]
    public async Task Both_sides_of_a_request_are_reported_over_HTTP_with_their_connection()
    {
        await using var ingest = new HttpIngest(
            new ListenSettings(HttpIngest.Section, new IPEndPoint(IPAddress.Loopback, 0), null, null, null), new IngestLimits(), Intake(HttpIngest.Source));
        await ingest.StartAsync(default);

        await TalkAsync(new Uri($"http://{ingest.Address}"));
    }

    [Fact]
    public async Task Both_sides_of_a_request_are_reported_over_a_Unix_socket()
    {
        var path = Path.Combine(_folder.FullName, "s");
        await using var ingest = new UnixIngest(new UnixIngestSettings { Path = path }, Intake(UnixIngest.Source));
        await ingest.StartAsync(default);

        await TalkAsync(new Uri($"unix://{path}"));
    }

    [Fact]
    public async Task Without_a_daemon_nothing_waits_and_what_is_lost_is_counted()
    {
        var reporter = new CrossLayerReporter(new CrossLayerOptions
        {
            Endpoint = new Uri($"unix://{_folder.FullName}/nobody"),
            MaxQueued = 5,
            Retries = 0,
            FlushInterval = TimeSpan.FromSeconds(1),
        });
        for (var i = 0; i < 100; i++)
            reporter.Report(new RequestReport { RequestId = $"{i}", LatencyMs = 1, Result = "success" });

        Assert.InRange(reporter.Dropped, 90, 95); // a batch may be on its way already
        await reporter.DisposeAsync();
        Assert.Equal((0L, 100L), (reporter.Sent, reporter.Dropped));
    }

    [Fact]
    public async Task What_finds_the_pipeline_full_is_sent_again()
    {
        _sink.Capacity = 1;
        await using var ingest = new HttpIngest(
            new ListenSettings(HttpIngest.Section, new IPEndPoint(IPAddress.Loopback, 0), null, null, null), new IngestLimits(), Intake(HttpIngest.Source));
        await ingest.StartAsync(default);
        var reporter = new CrossLayerReporter(new CrossLayerOptions { Endpoint = new Uri($"http://{ingest.Address}"), Retries = 20 });
        for (var i = 0; i < 3; i++)
            reporter.Report(new RequestReport { RequestId = $"{i}", LatencyMs = 1, Result = "success", StartUnixNs = 1 });
        await _sink.WaitForAsync(1);
        _sink.Capacity = int.MaxValue;

        Assert.Equal(["0", "1", "2"], (await _sink.WaitForAsync(3)).Select(record => record.RequestId.Text));
        await reporter.DisposeAsync();
        Assert.Equal((3L, 0L), (reporter.Sent, reporter.Dropped));
    }

    [Fact]
    public async Task A_refused_connection_is_reported_with_its_ends()
    {
        await using var ingest = new HttpIngest(
            new ListenSettings(HttpIngest.Section, new IPEndPoint(IPAddress.Loopback, 0), null, null, null), new IngestLimits(), Intake(HttpIngest.Source));
        await ingest.StartAsync(default);
        using var free = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, and nobody listens
        await using var reporter = new CrossLayerReporter(new CrossLayerOptions { Endpoint = new Uri($"http://{ingest.Address}") });
        using var client = new HttpClient(new CrossLayerHandler(reporter));

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://{free.LocalEndPoint}/x")));

        var record = Assert.Single(await _sink.WaitForAsync(1));
        Assert.Equal((RequestResult.Refused, "ConnectionRefused", 0), (record.Result, record.ErrorType, record.StatusCode));
        Assert.Equal(free.LocalEndPoint!.ToString(), record.Peer.ToString());
        Assert.NotNull(record.Local);
    }

    [Fact]
    public async Task A_request_whose_client_left_is_reported_with_the_socket_that_is_closed_by_then()
    {
        await using var ingest = new HttpIngest(
            new ListenSettings(HttpIngest.Section, new IPEndPoint(IPAddress.Loopback, 0), null, null, null), new IngestLimits(), Intake(HttpIngest.Source));
        await ingest.StartAsync(default);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddCrossLayer(options => options.Endpoint = new Uri($"http://{ingest.Address}"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var application = builder.Build();
        application.UseCrossLayer();
        application.MapGet("/", async (HttpContext context) =>
        {
            var socket = context.Features.Get<IConnectionSocketFeature>()!.Socket;
            context.Abort();
            await Eventually.TrueAsync(() => socket.SafeHandle.IsClosed, () => "the socket stays open");
        });
        await application.StartAsync();
        using var client = new HttpClient();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(application.Urls.Single())));

        var record = Assert.Single(await _sink.WaitForAsync(1));
        Assert.Equal(RequestResult.Reset, record.Result);
        Assert.NotNull(record.SocketCookie);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private RecordIntake Intake(string source) => new(source, _sink, TimeProvider.System);

    private async Task TalkAsync(Uri daemon)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddCrossLayer(options => (options.Endpoint, options.Service) = (daemon, "shop"));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseCrossLayer()));
        await using var application = builder.Build();
        application.UseCrossLayer();
        application.UseRouting();
        application.MapGet("/orders/{order}", (string order) => Results.Text(order));
        application.MapGet("/fails", (HttpContext _) => throw new InvalidOperationException("on purpose"));
        await application.StartAsync();
        var url = application.Urls.Single();
        await using (var reporter = new CrossLayerReporter(new CrossLayerOptions { Endpoint = daemon, Service = "buyer" }))
        {
            using var client = new HttpClient(new CrossLayerHandler(reporter));
            await client.GetStringAsync(new Uri($"{url}/orders/17?who=me"));
            Assert.Equal(HttpStatusCode.InternalServerError, (await client.GetAsync(new Uri($"{url}/fails"))).StatusCode);
        }

        var records = await _sink.WaitForAsync(4);
        var served = records.Where(record => record.Role == RequestRole.Server).OrderBy(record => record.ConnectionRequest).ToArray();
        var sent = records.Where(record => record.Role == RequestRole.Client).OrderBy(record => record.ConnectionRequest).ToArray();
        Assert.Equal(2, served.Length);
        Assert.Equal([(1, 200, "/orders/{order}"), (2, 500, "/fails")], served.Select(record => (record.ConnectionRequest!.Value, record.StatusCode, record.Route!)));
        Assert.Equal([(1, 200, "/orders/{id}"), (2, 500, "/fails")], sent.Select(record => (record.ConnectionRequest!.Value, record.StatusCode, record.Route!)));
        Assert.Equal("InvalidOperationException", served[1].ErrorType);
        Assert.All(served, record =>
        {
            Assert.Equal((sent[0].Peer, sent[0].Local), (record.Local, record.Peer));
            Assert.NotNull(record.SocketCookie);
            Assert.NotEqual(sent[0].SocketCookie, record.SocketCookie);
            Assert.InRange(record.RequestBytes!.Value, 30, 500);
            Assert.InRange(record.ResponseBytes!.Value, 30, 500);
            Assert.Equal(("shop", "HTTP/1.1", false), (record.Service, record.Protocol, record.Tls));
        });
        Assert.All(sent, record => Assert.Equal(("buyer", sent[0].Local), (record.Service, record.Local)));
        Assert.NotNull(sent[0].SocketCookie);
    }
}
