using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Serving;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CrossLayer.Host.Tests.Serving;

/// <summary>The server with clients that do other than ask and read.</summary>
public class UnusualClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ReportedRequests _reported = new();

    [Fact]
    public async Task A_request_that_is_ready_to_wait_is_reported_as_expected_to_be_slow()
    {
        await using var server = await StartAsync();
        using var client = await RawClient.ConnectAsync(IPAddress.Loopback, server.Port);

        await client.SendAsync("GET /health HTTP/1.1\r\nHost: a\r\nPrefer: wait=10\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.True((await _reported.NextAsync()).ExpectedSlow);
        Assert.False((await _reported.NextAsync()).ExpectedSlow);
    }

    [Theory]
    [InlineData(64, 200)]
    [InlineData(63, 413)]
    public async Task An_upload_beyond_its_limit_is_refused_before_it_has_come(int limit, int status)
    {
        await using var server = await StartAsync();
        using var client = await RawClient.ConnectAsync(IPAddress.Loopback, server.Port);

        await client.SendAsync($"POST /upload?limit={limit} HTTP/1.1\r\nHost: a\r\nContent-Length: 64\r\n\r\n");
        if (status == 200)
            await client.SendAsync(new string('u', 64));

        Assert.Equal(status, (await client.ReadAsync()).Status);
        client.Dispose();
        Assert.Equal(status, (await _reported.NextAsync()).StatusCode);
    }

    [Fact]
    public async Task A_connection_is_closed_when_it_was_idle_for_as_long_as_the_client_said_and_not_before()
    {
        await using var server = await StartAsync();
        using var client = await RawClient.ConnectAsync(IPAddress.Loopback, server.Port);
        await client.SendAsync("GET /health HTTP/1.1\r\nHost: a\r\nKeep-Alive: timeout=1\r\n\r\n");
        await client.ReadAsync();
        // A request that takes longer than that is no rest.
        await client.SendAsync("GET /slow?ms=1200 HTTP/1.1\r\nHost: a\r\nKeep-Alive: timeout=1\r\n\r\n");
        Assert.Equal(200, (await client.ReadAsync()).Status);

        Assert.Equal(0, await client.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_closed_its_half_gets_its_answer_where_the_server_gives_it_time(bool givesTime)
    {
        await using var server = await HttpServer.StartAsync(new HttpServerOptions { HalfClosed = givesTime ? Patience : TimeSpan.Zero }, _reported.Take);
        using var client = await RawClient.ConnectAsync(IPAddress.Loopback, server.Port);
        await client.SendAsync("GET /slow?ms=200 HTTP/1.1\r\nHost: a\r\n\r\n");
        client.Socket.Shutdown(SocketShutdown.Send);

        var read = await client.Socket.ReceiveAsync(new byte[1]).WaitAsync(Patience);

        Assert.Equal(givesTime ? 1 : 0, read);
        Assert.Equal(givesTime ? RequestResult.Success : RequestResult.Reset, (await _reported.NextAsync()).Result);
    }

    [Fact]
    public async Task A_WebSocket_sends_back_what_it_is_sent_and_is_reported_at_its_end()
    {
        await using var server = await StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(server.Url) { Scheme = "ws", Path = "/echo" }.Uri, CancellationToken.None);
        var back = new byte[10];

        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        var received = await socket.ReceiveAsync(back, CancellationToken.None).WaitAsync(Patience);
        Assert.Empty(_reported.Rest());
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.Equal("hello"u8, back.AsSpan(0, received.Count));
        Assert.Equal(101, (await _reported.NextAsync()).StatusCode);
    }

    [Fact]
    public async Task What_is_no_WebSocket_is_told_to_become_one()
    {
        await using var server = await StartAsync();
        using var client = await RawClient.ConnectAsync(IPAddress.Loopback, server.Port);

        await client.SendAsync("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(426, (await client.ReadAsync()).Status);
    }

    [Fact]
    public async Task Streams_of_HTTP2_are_reported_without_bytes_of_their_own()
    {
        await using var server = await HttpServer.StartAsync(new HttpServerOptions { Protocols = HttpProtocols.Http2 }, _reported.Take);
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        Assert.Equal(1000, (await client.GetByteArrayAsync(new Uri(server.Url, "/bytes/1000"))).Length);

        var record = await _reported.NextAsync();
        Assert.Equal(("HTTP/2", null, null, null), (record.Protocol, record.RequestBytes, record.ResponseBytes, record.ConnectionRequest));
        Assert.True(record.SharesConnection);
        Assert.NotNull(record.SocketCookie);
    }

    private Task<HttpServer> StartAsync() => HttpServer.StartAsync(new HttpServerOptions(), _reported.Take);
}
