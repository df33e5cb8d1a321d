using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Loading;
using CrossLayer.Host.Serving;
using CrossLayer.Host.Tests.Serving;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Loading;

public class LoadGeneratorTests
{
    private readonly ReportedRequests _served = new();
    private readonly List<RequestRecord> _sent = [];

    [Theory]
    [InlineData("/", 1)]
    [InlineData("/bytes/100000", 1)]
    [InlineData("/bytes/100000?chunked", 4)]
    [InlineData("/status/204", 2)]
    [InlineData("/status/500", 1)]
    public async Task Client_and_server_report_the_same_bytes_of_the_same_request(string path, int concurrency)
    {
        var server = await HttpServer.StartAsync(new HttpServerOptions(), _served.Take);
        await RunAsync(new LoadOptions { Url = new Uri(server.Url, path), Requests = 20, IntervalMs = 0, Concurrency = concurrency });
        await server.DisposeAsync();

        var served = _served.Rest().ToDictionary(record => record.RequestId);
        Assert.Equal(20, served.Count);
        Assert.Equal(
            Enumerable.Range(1, 20).Select(number => RequestId.From(number)),
            _sent.Select(record => record.RequestId).OrderBy(id => int.Parse(id.Text, null)));
        foreach (var client in _sent)
        {
            var other = served[client.RequestId];
            Assert.Equal(other.RequestBytes, client.RequestBytes);
            Assert.Equal(other.ResponseBytes, client.ResponseBytes);
            Assert.Equal(other.ConnectionRequest, client.ConnectionRequest);
            Assert.Equal(other.Local, client.Peer);
            Assert.Equal(other.Peer, client.Local);
            Assert.Equal(other.StatusCode, client.StatusCode);
            Assert.Equal(other.Result, client.Result);
            Assert.NotEqual(other.SocketCookie, client.SocketCookie);
        }
    }

    [Fact]
    public async Task Requests_one_after_the_other_share_a_connection()
    {
        await using var server = await HttpServer.StartAsync(new HttpServerOptions(), _served.Take);

        var summary = await RunAsync(new LoadOptions { Url = server.Url, Requests = 5, IntervalMs = 1, Service = "tests" });

        Assert.Equal(Enumerable.Range(1, 5), _sent.Select(record => record.ConnectionRequest!.Value));
        Assert.Single(_sent.Select(record => (record.SocketCookie, record.Local, record.Peer)).Distinct());
        Assert.All(_sent, record =>
        {
            Assert.Equal(RequestRole.Client, record.Role);
            Assert.Equal("GET", record.Method);
            Assert.Equal("/", record.Route);
            Assert.Equal("tests", record.Service);
            Assert.NotNull(record.StartUnixNs);
        });
        Assert.Equal(5, summary.Count);
        Assert.Equal(5, summary[RequestResult.Success]);
    }

    [Fact]
    public async Task A_name_is_tried_at_each_of_its_addresses()
    {
        await using var server = await HttpServer.StartAsync(new HttpServerOptions(), _served.Take);

        await RunAsync(new LoadOptions { Url = new Uri($"http://localhost:{server.Port}/?secret=1"), Requests = 1 });

        var record = Assert.Single(_sent);
        Assert.Equal(RequestResult.Success, record.Result);
        Assert.Equal(new Endpoint(NetworkAddress.From(IPAddress.Loopback), (ushort)server.Port), record.Peer);
        Assert.Equal("/", record.Route);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_refused_connection_is_named_by_its_ends_and_its_cookie(string address)
    {
        var free = FreePort(IPAddress.Parse(address));

        await RunAsync(new LoadOptions { Url = new Uri($"http://{free}/"), Requests = 2, IntervalMs = 0 });

        Assert.All(_sent, record =>
        {
            Assert.Equal(RequestResult.Refused, record.Result);
            Assert.Equal("ConnectionRefused", record.ErrorType);
            Assert.Equal(0, record.StatusCode);
            Assert.Equal(Endpoint.From(free), record.Peer);
            Assert.Equal(NetworkAddress.From(free.Address), record.Local!.Value.Address);
            Assert.NotEqual(0, record.Local.Value.Port);
            Assert.NotNull(record.SocketCookie);
            Assert.Null(record.ConnectionRequest);
            Assert.Null(record.RequestBytes);
        });
        Assert.Equal(2, _sent.Select(record => record.SocketCookie).Distinct().Count());
    }

    [Fact]
    public async Task A_response_that_does_not_come_is_a_timeout_and_at_the_server_a_reset()
    {
        await using var server = await HttpServer.StartAsync(new HttpServerOptions(), _served.Take);

        await RunAsync(new LoadOptions { Url = new Uri(server.Url, "/slow?ms=30000"), Requests = 1, TimeoutMs = 300 });

        var client = Assert.Single(_sent);
        Assert.Equal(RequestResult.Timeout, client.Result);
        Assert.Equal("Timeout", client.ErrorType);
        Assert.Equal(0, client.StatusCode);
        Assert.Equal(1, client.ConnectionRequest);
        Assert.Equal(0, client.ResponseBytes);
        var served = await _served.NextAsync();
        Assert.Equal(RequestResult.Reset, served.Result);
        Assert.Equal(client.RequestBytes, served.RequestBytes);
    }

    [Fact]
    public async Task A_handshake_that_does_not_end_is_a_timeout_of_that_connection()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var place = (IPEndPoint)listener.LocalEndPoint!;
        // Nobody accepts: these fill the queue, and further SYNs go unanswered.
        var fillers = new List<Socket>();
        for (var i = 0; i < 4; i++)
        {
            fillers.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            _ = fillers[i].ConnectAsync(place).ContinueWith(task => task.Exception, TaskScheduler.Default);
        }

        await RunAsync(new LoadOptions { Url = new Uri($"http://{place}/"), Requests = 2, IntervalMs = 0, TimeoutMs = 2000 });

        fillers.ForEach(filler => filler.Dispose());
        Assert.All(_sent, record =>
        {
            Assert.Equal(RequestResult.Timeout, record.Result);
            Assert.Equal(Endpoint.From(place), record.Peer);
            Assert.NotNull(record.Local);
            Assert.Null(record.ConnectionRequest);
        });
        Assert.Equal(2, _sent.Select(record => record.SocketCookie).Distinct().Count());
    }

    [Fact]
    public async Task A_reset_connection_is_a_reset()
    {
        await using var listener = new ScriptedListener(async (socket, _) =>
        {
            await ScriptedListener.ReadRequestAsync(socket);
            ScriptedListener.Reset(socket);
        });

        await RunAsync(new LoadOptions { Url = listener.Url, Requests = 1 });

        var record = Assert.Single(_sent);
        Assert.Equal(RequestResult.Reset, record.Result);
        Assert.Equal("ConnectionReset", record.ErrorType);
        Assert.Equal(1, record.ConnectionRequest);
    }

    [Fact]
    public async Task A_connection_that_ends_without_a_response_is_an_error()
    {
        await using var listener = new ScriptedListener((socket, _) => ScriptedListener.ReadRequestAsync(socket));

        await RunAsync(new LoadOptions { Url = listener.Url, Requests = 1 });

        var record = Assert.Single(_sent);
        Assert.Equal(RequestResult.Error, record.Result);
        Assert.Equal("ResponseEnded", record.ErrorType);
    }

    [Fact]
    public async Task A_response_cut_short_keeps_its_status()
    {
        await using var listener = new ScriptedListener((socket, _) => ScriptedListener.AnswerAsync(socket, ScriptedListener.Ok[..^1]));

        await RunAsync(new LoadOptions { Url = listener.Url, Requests = 1 });

        var record = Assert.Single(_sent);
        Assert.Equal(RequestResult.Error, record.Result);
        Assert.Equal("ResponseEnded", record.ErrorType);
        Assert.Equal(200, record.StatusCode);
        Assert.Equal(ScriptedListener.Ok.Length - 1, record.ResponseBytes);
    }

    [Fact]
    public async Task A_request_that_the_library_sends_again_is_on_the_connection_that_answered()
    {
        // Each connection answers one request, takes the next and closes.
        await using var listener = new ScriptedListener(async (socket, _) =>
        {
            await ScriptedListener.AnswerAsync(socket, ScriptedListener.Ok);
            await ScriptedListener.ReadRequestAsync(socket);
        });

        await RunAsync(new LoadOptions { Url = listener.Url, Requests = 2, IntervalMs = 0 });

        Assert.All(_sent, record => Assert.Equal(RequestResult.Success, record.Result));
        Assert.Equal([1, 1], _sent.Select(record => record.ConnectionRequest!.Value));
        Assert.NotEqual(_sent[0].SocketCookie, _sent[1].SocketCookie);
        Assert.Equal(_sent[0].RequestBytes, _sent[1].RequestBytes);
        Assert.Equal(ScriptedListener.Ok.Length, _sent[1].ResponseBytes);
    }

    [Fact]
    public async Task A_cancelled_run_keeps_what_was_measured()
    {
        await using var server = await HttpServer.StartAsync(new HttpServerOptions(), _served.Take);
        using var cancel = new CancellationTokenSource();

        var summary = await LoadGenerator.RunAsync(
            new LoadOptions { Url = server.Url, Requests = 100, IntervalMs = 0 },
            _sent.Add,
            finished =>
            {
                if (finished == 3)
                    cancel.Cancel();
            },
            cancel.Token);

        Assert.Equal(3, summary.Count);
        Assert.Equal(3, _sent.Count);
    }

    [Fact]
    public async Task A_request_in_flight_when_the_run_is_cancelled_is_reported_as_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        await using var listener = new ScriptedListener(async (socket, _) =>
        {
            await ScriptedListener.ReadRequestAsync(socket);
            await cancel.CancelAsync();
            await ScriptedListener.ReadRequestAsync(socket);
        });

        await LoadGenerator.RunAsync(new LoadOptions { Url = listener.Url, Requests = 100 }, _sent.Add, cancellation: cancel.Token);

        var record = Assert.Single(_sent);
        Assert.Equal(RequestResult.Error, record.Result);
        Assert.Equal("Cancelled", record.ErrorType);
    }

    [Fact]
    public async Task A_report_that_fails_ends_the_run()
    {
        await using var server = await HttpServer.StartAsync(new HttpServerOptions(), _served.Take);

        await Assert.ThrowsAsync<IOException>(() => LoadGenerator.RunAsync(
            new LoadOptions { Url = server.Url, Requests = 1_000_000, IntervalMs = 0 },
            _ => throw new IOException("disk full")));
    }

    [Fact]
    public void Percentiles_are_nearest_ranks()
    {
        var summary = new LoadSummary();
        Assert.True(double.IsNaN(summary.LatencyMs(0.5)));
        foreach (var latency in (double[])[5, 1, 4, 2, 3])
            summary.Add(new RequestRecord { RequestId = RequestId.From(1), LatencyMs = latency, Result = RequestResult.Success });

        Assert.Equal([1, 3, 5, 5], new[] { 0.2, 0.5, 0.95, 1 }.Select(summary.LatencyMs));
    }

    private Task<LoadSummary> RunAsync(LoadOptions options) => LoadGenerator.RunAsync(options, _sent.Add);

    private static IPEndPoint FreePort(IPAddress address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
