using System.Net;
using System.Net.Sockets;

namespace CrossLayer.Client.Connections;

/// <summary>
/// What the client knows of a connection, or of an attempt at one: its ends and its socket are known before it is established.
/// Counts the bytes written to it and read from it.
/// </summary>
internal sealed class ClientConnection
{
    private readonly Lock _lock = new();
    private long _written;
    private long _read;
    private int _requests;
    private RequestInFlight? _current;

    private ClientConnection(Socket socket, IPEndPoint? local, IPEndPoint peer)
    {
        Socket = socket;
        LocalEnd = local;
        PeerEnd = peer;
        Cookie = SocketCookie.Of(socket);
    }

    /// <summary>The socket.</summary>
    public Socket Socket { get; }

    /// <summary>The client's end; null where no local address leads to the peer, or where no port was to be had.</summary>
    public IPEndPoint? LocalEnd { get; private set; }

    /// <summary>The server's end.</summary>
    public IPEndPoint PeerEnd { get; }

    /// <summary>The socket's cookie.</summary>
    public ulong? Cookie { get; }

    /// <summary>Bytes written so far.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Bytes read so far.</summary>
    public long Read => Volatile.Read(ref _read);

    /// <summary>A socket that is bound to the local address and port that it will connect from.</summary>
    /// <exception cref="SocketException">No socket or no port is to be had.</exception>
    public static ClientConnection To(IPEndPoint peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            IPEndPoint? local = null;
            if (LocalAddressTowards(peer) is { } address)
            {
                socket.Bind(new IPEndPoint(address, 0));
                local = (IPEndPoint)socket.LocalEndPoint!;
            }

            return new ClientConnection(socket, local, peer);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that is bound to a port of the client's choice, also one that was in use just before.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public static ClientConnection From(IPEndPoint local, IPEndPoint peer)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(peer);
        var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(local);
            return new ClientConnection(socket, local, peer);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that gets its port when it connects, as most clients' do.</summary>
    /// <param name="peer">The server's end.</param>
    /// <param name="receiveBuffer">Its receive buffer in bytes (SO_RCVBUF); null for the kernel's own choice.</param>
    /// <exception cref="SocketException">No socket is to be had.</exception>
    public static ClientConnection Unbound(IPEndPoint peer, int? receiveBuffer = null)
    {
        ArgumentNullException.ThrowIfNull(peer);
        var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // Before connecting: the window that the handshake offers depends on it.
        if (receiveBuffer is { } bytes)
            socket.ReceiveBufferSize = bytes;
        return new ClientConnection(socket, null, peer);
    }

    /// <summary>Connects; from its first SYN on, the client's end is known.</summary>
    /// <exception cref="SocketException">It was refused, or there is no port.</exception>
    public async Task ConnectAsync(IPEndPoint peer, CancellationToken cancellation)
    {
        var connecting = Socket.ConnectAsync(peer, cancellation);
        if (LocalEnd is null && SocketName.Of(Socket) is { } local)
            LocalEnd = local;
        await connecting;
    }

    /// <summary>
    /// Begins a request, before its first byte is written. The connection goes back to the pool before the request on it
    /// before has returned to its sender: what is counted from here on is no longer that one's, and it is told so.
    /// </summary>
    /// <returns>The request's ordinal, from 1, and the connection's counts before it.</returns>
    public (int Ordinal, long Written, long Read) Begin(RequestInFlight request)
    {
        lock (_lock)
        {
            _current?.End(this, Written, Read);
            _current = request;
            return (++_requests, Written, Read);
        }
    }

    /// <summary>Counts bytes written.</summary>
    public void CountWritten(int bytes) => Interlocked.Add(ref _written, bytes);

    /// <summary>Counts bytes read.</summary>
    public void CountRead(int bytes) => Interlocked.Add(ref _read, bytes);

    // Connecting a UDP socket asks the routing table and sends nothing. Null where there is no route; the TCP connect then
    // says so itself.
    private static IPAddress? LocalAddressTowards(IPEndPoint peer)
    {
        using var probe = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            probe.Connect(peer);
            return ((IPEndPoint)probe.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
