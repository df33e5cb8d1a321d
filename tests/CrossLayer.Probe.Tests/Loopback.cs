using System.Net;
using System.Net.Sockets;

namespace CrossLayer.Probe.Tests;

/// <summary>A listener on a port of its own, and blocking sockets to it: one call is one system call.</summary>
internal sealed class Loopback : IDisposable
{
    private readonly Socket _listener;
    private readonly Func<Socket> _newClient;
    private readonly IPAddress _target;

    private Loopback(Socket listener, IPAddress bind, IPAddress target, Func<Socket> newClient, int receiveBuffer)
    {
        (_listener, _target, _newClient) = (listener, target, newClient);
        if (receiveBuffer > 0)
            listener.ReceiveBufferSize = receiveBuffer;
        listener.Bind(new IPEndPoint(bind, 0));
        listener.Listen(64);
    }

    internal ushort Port => (ushort)((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal ProbeOptions Options => new() { Filter = new ProbeFilter { Ports = [Port] } };

    internal static Loopback IPv4(int receiveBuffer = 0) =>
        new(New(AddressFamily.InterNetwork), IPAddress.Loopback, IPAddress.Loopback, () => New(AddressFamily.InterNetwork), receiveBuffer);

    internal static Loopback IPv6() =>
        new(New(AddressFamily.InterNetworkV6), IPAddress.IPv6Loopback, IPAddress.IPv6Loopback, () => New(AddressFamily.InterNetworkV6), 0);

    /// <summary>A dual-stack listener with dual-stack clients that connect to 127.0.0.1 in its v4-mapped form.</summary>
    internal static Loopback DualStack() => new(
        new Socket(SocketType.Stream, ProtocolType.Tcp) { DualMode = true },
        IPAddress.IPv6Any,
        IPAddress.Loopback.MapToIPv6(),
        () => new Socket(SocketType.Stream, ProtocolType.Tcp) { DualMode = true },
        0);

    internal Socket Accept() => _listener.Accept();

    internal (Socket Client, Socket Server) Connect()
    {
        var client = _newClient();
        client.Connect(new IPEndPoint(_target, Port));
        return (client, _listener.Accept());
    }

    /// <summary>One request and one response, each written and read with one call; the client closes first.</summary>
    internal Exchange Run(int request, int response)
    {
        var (client, server) = Connect();
        using (client)
        using (server)
        {
            var exchange = new Exchange(request, response, CookieOf(client), CookieOf(server), EndOf(client), new Endpoint(
                NetworkAddress.From(_target), Port));
            Move(client, server, request);
            Move(server, client, response);
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, server.Receive(new byte[1]));
            server.Close();
            Assert.Equal(0, client.Receive(new byte[1]));
            return exchange;
        }
    }

    internal static ulong CookieOf(Socket socket)
    {
        const int solSocket = 1, soCookie = 57;
        var cookie = new byte[8];
        Assert.Equal(8, socket.GetRawSocketOption(solSocket, soCookie, cookie));
        return BitConverter.ToUInt64(cookie);
    }

    /// <summary>What arrives now is acknowledged up to 40 ms later, or with what is sent (TCP_QUICKACK).</summary>
    internal static void DelayAcknowledgements(Socket socket)
    {
        const int tcp = 6, quickAck = 12;
        socket.SetRawSocketOption(tcp, quickAck, BitConverter.GetBytes(0));
    }

    internal static Endpoint EndOf(Socket socket) => Endpoint.From((IPEndPoint)socket.LocalEndPoint!);

    public void Dispose() => _listener.Dispose();

    private static Socket New(AddressFamily family) => new(family, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Bytes written with one call, and read with one.</summary>
    internal static void Move(Socket from, Socket to, int bytes)
    {
        Assert.Equal(bytes, from.Send(new byte[bytes]));
        Recording.WaitUntil($"{bytes} bytes", () => to.Available == bytes);
        Assert.Equal(bytes, to.Receive(new byte[bytes]));
    }
}

/// <summary>What one exchange did, to hold the kernel events against.</summary>
internal sealed record Exchange(int Request, int Response, ulong ClientCookie, ulong ServerCookie, Endpoint Client, Endpoint Server);
