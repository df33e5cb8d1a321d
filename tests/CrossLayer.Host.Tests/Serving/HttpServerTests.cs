using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Serving;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Serving;

public class HttpServerTests
{
    private readonly ReportedRequests _reported = new();

    [Fact]
    public async Task Each_request_of_a_connection_is_reported_with_its_own_bytes()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        var upload = new string('u', 70_000);
        (string Request, string Route, int Status)[] requests =
        [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "/", 200),
            ("GET /bytes/100000?x=secret HTTP/1.1\r\nHost: a\r\nX-Long: " + new string('h', 3000) + "\r\n\r\n", "/bytes/{n}", 200),
            ("GET /bytes/100000?chunked HTTP/1.1\r\nHost: a\r\n\r\n", "/bytes/{n}", 200),
            ($"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: {upload.Length}\r\n\r\n{upload}", "/upload", 200),
            ($"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nseventy\r\n2\r\n-7\r\n0\r\n\r\n", "/upload", 200),
            ($"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: {upload.Length}\r\n\r\n{upload}", "/nowhere", 404),
            ("GET /status/204 HTTP/1.1\r\nHost: a\r\n\r\n", "/status/{code}", 204),
            ("GET /bytes/0 HTTP/1.1\r\nHost: a\r\n\r\n", "/bytes/{n}", 200),
        ];
        for (var i = 0; i < requests.Length; i++)
        {
            var requestBytes = await client.SendAsync(requests[i].Request);
            var response = await client.ReadAsync();
            var record = await _reported.NextAsync();

            Assert.Equal(requests[i].Status, response.Status);
            Assert.Equal(requests[i].Status, record.StatusCode);
            Assert.Equal(requests[i].Route, record.Route);
            Assert.Equal(requestBytes, record.RequestBytes);
            Assert.Equal(response.AllBytes, record.ResponseBytes);
            Assert.Equal(i + 1, record.ConnectionRequest);
        }
    }

    [Fact]
    public async Task Requests_sent_together_are_reported_with_their_own_bytes()
    {
        const string first = "GET /bytes/10 HTTP/1.1\r\nHost: a\r\n\r\n", second = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);

        await client.SendAsync(first + second);

        var responses = new[] { await client.ReadAsync(), await client.ReadAsync() };
        var records = new[] { await _reported.NextAsync(), await _reported.NextAsync() };
        Assert.Equal([first.Length, second.Length], records.Select(record => record.RequestBytes!.Value));
        Assert.Equal(responses.Select(response => response.AllBytes), records.Select(record => record.ResponseBytes!.Value));
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "127.0.0.1")]
    public async Task A_record_names_the_connection_as_the_client_sees_it(string listen, string connect)
    {
        await using var server = await StartAsync(IPAddress.Parse(listen));
        using var client = await RawClient.ConnectAsync(IPAddress.Parse(connect), server.Port);

        await client.SendAsync("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.ReadAsync();

        var record = await _reported.NextAsync();
        Assert.Equal(Endpoint.From((IPEndPoint)client.Socket.RemoteEndPoint!), record.Local);
        Assert.Equal(Endpoint.From(client.Local), record.Peer);
        Assert.NotNull(record.SocketCookie);
        Assert.NotEqual(SocketCookie.Of(client.Socket), record.SocketCookie);
        Assert.Equal(RequestRole.Server, record.Role);
        Assert.Equal(RequestResult.Success, record.Result);
        Assert.Equal("GET", record.Method);
        Assert.Equal("tests", record.Service);
        Assert.NotNull(record.StartUnixNs);
    }

    [Theory]
    [InlineData("order-17", "order-17", false)]
    [InlineData("17", "17", true)]
    [InlineData("0", "0", true)]
    [InlineData("017", "017", false)]
    [InlineData("-17", "-17", false)]
    [InlineData("1234567890123456789012", "1234567890123456789012", false)]
    public async Task The_id_that_a_request_brings_is_kept(string header, string text, bool isNumber) =>
        Assert.Equal(new RequestId(text, isNumber), await IdOfAsync($"X-Request-Id: {header}\r\n"));

    [Fact]
    public async Task An_id_that_is_missing_or_unfit_is_replaced()
    {
        string[] unfit = ["", "X-Request-Id: \r\n", "X-Request-Id: a b\r\n", $"X-Request-Id: {new string('a', 129)}\r\n"];
        var ids = new HashSet<RequestId>();
        foreach (var header in unfit)
            ids.Add(await IdOfAsync(header));

        Assert.Equal(unfit.Length, ids.Count);
        Assert.All(ids, id => Assert.Matches("^[0-9a-f]{32}$", id.Text));
    }

    [Theory]
    [InlineData("GET /slow?ms=1", 200)]
    [InlineData("GET /slow", 400)]
    [InlineData("GET /slow?ms=30001", 400)]
    [InlineData("GET /status/418", 418)]
    [InlineData("GET /status/600", 400)]
    [InlineData("GET /bytes/67108865", 400)]
    [InlineData("GET /bytes/", 404)]
    [InlineData("GET /bytes/1/2", 404)]
    [InlineData("DELETE /health", 405)]
    public async Task Limits_of_routes_hold(string request, int status)
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);

        await client.SendAsync($"{request} HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(status, (await client.ReadAsync()).Status);
        var record = await _reported.NextAsync();
        Assert.Equal(status, record.StatusCode);
        Assert.Equal(status < 400 ? RequestResult.Success : RequestResult.HttpError, record.Result);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_while_the_handler_reads_is_reported_as_a_reset(bool reset)
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await client.ReadAsync()).Status);

        await client.SendAsync("half");
        if (reset)
            client.Reset();
        else
            client.Dispose();

        var record = await _reported.NextAsync();
        Assert.Equal(RequestResult.Reset, record.Result);
        Assert.Equal("ClientAborted", record.ErrorType);
        Assert.Equal(0, record.StatusCode);
        Assert.Equal("/upload", record.Route);
    }

    [Fact]
    public async Task A_client_that_leaves_amid_a_response_is_reported_as_a_reset()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await client.SendAsync("GET /bytes/67108864 HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.Socket.ReceiveAsync(new byte[1]);

        client.Reset();

        var record = await _reported.NextAsync();
        Assert.Equal(RequestResult.Reset, record.Result);
        Assert.Equal(200, record.StatusCode);
    }

    [Fact]
    public async Task A_client_that_leaves_after_the_handler_has_written_is_reported_as_a_success()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await client.SendAsync("GET /bytes/1000 HTTP/1.1\r\nHost: a\r\n\r\n");
        await client.Socket.ReceiveAsync(new byte[1]);

        client.Reset();

        var record = await _reported.NextAsync();
        Assert.Equal(RequestResult.Success, record.Result);
        Assert.Equal(200, record.StatusCode);
        Assert.Null(record.ErrorType);
    }

    [Fact]
    public async Task A_malformed_upload_is_an_http_error()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

        Assert.Equal(400, (await client.ReadAsync()).Status);
        var record = await _reported.NextAsync();
        Assert.Equal(RequestResult.HttpError, record.Result);
        Assert.Equal(400, record.StatusCode);
    }

    [Fact]
    public async Task Disposing_returns_when_requests_in_progress_are_reported()
    {
        var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await client.ReadAsync()).Status);

        var disposing = server.DisposeAsync().AsTask();
        await client.SendAsync("ok");
        await disposing;

        Assert.Equal(RequestResult.Success, Assert.Single(_reported.Rest()).Result);
    }

    [Fact]
    public async Task A_port_in_use_is_refused_in_one_line()
    {
        await using var server = await StartAsync();

        var exception = await Assert.ThrowsAsync<InputException>(
            () => HttpServer.StartAsync(new HttpServerOptions { Port = server.Port }, _reported.Take));

        Assert.StartsWith($"port {server.Port} on 127.0.0.1 is in use; choose another port", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public async Task A_foreign_address_is_refused_in_one_line()
    {
        // TEST-NET-1, RFC 5737: no host has it.
        var options = new HttpServerOptions { Address = IPAddress.Parse("192.0.2.1") };

        var exception = await Assert.ThrowsAsync<InputException>(() => HttpServer.StartAsync(options, _reported.Take));

        Assert.StartsWith("192.0.2.1 is not an address of this host", exception.Message, StringComparison.Ordinal);
    }

    private Task<HttpServer> StartAsync(IPAddress? address = null) =>
        HttpServer.StartAsync(new HttpServerOptions { Address = address ?? IPAddress.Loopback, Service = "tests" }, _reported.Take);

    private static Task<RawClient> ConnectAsync(HttpServer server) => RawClient.ConnectAsync(IPAddress.Loopback, server.Port);

    private async Task<RequestId> IdOfAsync(string header)
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await client.SendAsync($"GET /health HTTP/1.1\r\nHost: a\r\n{header}\r\n");
        await client.ReadAsync();
        return (await _reported.NextAsync()).RequestId;
    }
}
