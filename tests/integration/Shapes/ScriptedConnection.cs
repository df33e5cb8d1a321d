using System.Net.Sockets;
using CrossLayer.Probe;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>Both ends of a connection, on blocking sockets: one call is one system call, and reads take what was asked for.</summary>
internal sealed class ScriptedConnection(ShapeScript script, Socket client, Socket server) : IDisposable
{
    private long _clientWritten;
    private long _serverRead;
    private long _serverWritten;
    private long _clientRead;

    internal Socket Client => client;

    internal Socket Server => server;

    internal Endpoint ClientEnd { get; } = Endpoint.From((System.Net.IPEndPoint)client.LocalEndPoint!);

    internal Endpoint ServerEnd { get; } = Endpoint.From((System.Net.IPEndPoint)client.RemoteEndPoint!);

    internal ulong ClientCookie { get; } = CookieOf(client);

    internal ulong ServerCookie { get; } = CookieOf(server);

    /// <summary>Requests so far.</summary>
    internal int Requests { get; set; }

    /// <summary>A request that is about to be made here.</summary>
    internal ScriptedRequest Request(string method = "GET", string route = "/") => script.Add(this, method, route);

    /// <summary>A request and its response in one write each, reported by both.</summary>
    internal ScriptedRequest Exchange(byte[] request, byte[] response, int status = 200, string method = "GET", string route = "/")
    {
        var exchange = Request(method, route);
        exchange.ClientWrites(request);
        exchange.ServerReads(request.Length);
        exchange.ServerWrites(response);
        exchange.ClientReads(response.Length);
        exchange.BothReport(status);
        return exchange;
    }

    internal void CloseByClient()
    {
        client.Dispose();
        Assert.Equal(0, server.Receive(new byte[1]));
        server.Dispose();
    }

    internal void CloseByServer()
    {
        server.Dispose();
        Assert.Equal(0, client.Receive(new byte[1]));
        client.Dispose();
    }

    public void Dispose()
    {
        client.Dispose();
        server.Dispose();
    }

    internal ref long Stream(bool ofClient, bool isRequest)
    {
        if (ofClient)
            return ref isRequest ? ref _clientWritten : ref _clientRead;
        return ref isRequest ? ref _serverRead : ref _serverWritten;
    }

    internal static void Write(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[socket.Send(bytes)..];
    }

    internal static void Read(Socket socket, int count)
    {
        var buffer = new byte[Math.Min(count, 1 << 16)];
        while (count > 0)
        {
            var read = socket.Receive(buffer, Math.Min(count, buffer.Length), SocketFlags.None);
            Assert.True(read > 0, $"the peer closed {count} bytes before the end");
            count -= read;
        }
    }

    internal static ulong CookieOf(Socket socket)
    {
        // asm-generic/socket.h
        const int solSocket = 1, soCookie = 57;
        Span<byte> cookie = stackalloc byte[sizeof(ulong)];
        socket.GetRawSocketOption(solSocket, soCookie, cookie);
        return BitConverter.ToUInt64(cookie);
    }
}
