using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Host.Demo;

/// <summary>Clients that misbehave on purpose, over plain sockets.</summary>
internal static class RawClient
{
    private const int ReceiveBufferBytes = 32 << 10;

    /// <summary>
    /// Sends a request, waits until the response has arrived, and closes without reading it: the kernel then resets the
    /// connection (RFC 1122, 4.2.2.13). Reports nothing, as a client that crashed would.
    /// </summary>
    public static async Task CloseUnreadAsync(IPEndPoint server, RequestId id, string path, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellation);
        await SendAsync(socket, server, id, path, cancellation);
        // Readable means that the response is here; a receive of no bytes takes none of them.
        await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellation);
        socket.Close();
    }

    /// <summary>Reads the first part of a response, stops reading for a while with a small receive buffer, then reads the rest.</summary>
    /// <returns>What such an application reports: a slow success.</returns>
    public static async Task<RequestRecord> StallAsync(
        IPEndPoint server, RequestId id, string path, TimeSpan pause, CancellationToken cancellation)
    {
        var startUnixNs = UnixTime.NowNs();
        var started = Stopwatch.GetTimestamp();
        // The buffer is set before connecting: the window that the handshake offers depends on it.
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveBufferSize = ReceiveBufferBytes,
        };
        await socket.ConnectAsync(server, cancellation);
        var local = Endpoint.From((IPEndPoint)socket.LocalEndPoint!);
        var requestBytes = await SendAsync(socket, server, id, path, cancellation);

        var buffer = new byte[ReceiveBufferBytes];
        var read = await socket.ReceiveAsync(buffer, cancellation);
        var responseBytes = (long)read;
        await Task.Delay(pause, cancellation);
        while (read > 0)
        {
            read = await socket.ReceiveAsync(buffer, cancellation);
            responseBytes += read;
        }

        return new RequestRecord
        {
            RequestId = id,
            LatencyMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
            StatusCode = (int)HttpStatusCode.OK,
            Result = RequestResult.Success,
            Role = RequestRole.Client,
            StartUnixNs = startUnixNs,
            Local = local,
            Peer = Endpoint.From(server),
            Method = "GET",
            Route = path,
            RequestBytes = requestBytes,
            ResponseBytes = responseBytes,
            SocketCookie = SocketCookie.Of(socket),
            ConnectionRequest = 1,
        };
    }

    private static async Task<int> SendAsync(Socket socket, IPEndPoint server, RequestId id, string path, CancellationToken cancellation)
    {
        var request = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server}\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n");
        return await socket.SendAsync(request, cancellation);
    }
}
