using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Lab;
using CrossLayer.Integration.Tests.Loss;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>A scripted server and its clients on a port of their own, and what their applications report.</summary>
internal sealed class ShapeScript : IDisposable
{
    private readonly LossyPath? _path;
    private readonly Socket _listener;
    private readonly List<ScriptedConnection> _connections = [];
    private readonly List<ScriptedRequest> _requests = [];
    private readonly List<RequestRecord> _records = [];

    /// <param name="path">The way between client and server; null for loopback.</param>
    internal ShapeScript(LossyPath? path = null)
    {
        _path = path;
        _listener = path?.NewServerSocket(NewSocket) ?? NewSocket();
        _listener.Bind(new IPEndPoint(path is null ? IPAddress.Loopback : LabNetwork.ServerAddress, 0));
        _listener.Listen(16);
    }

    internal ushort Port => (ushort)((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Connections so far.</summary>
    internal int Connections => _connections.Count;

    /// <summary>Requests so far, in order of their making.</summary>
    internal IReadOnlyList<ScriptedRequest> Requests => _requests;

    /// <summary>What was reported so far.</summary>
    internal IReadOnlyList<RequestRecord> Records => _records;

    /// <summary>False while the port's last connection waits for its last acknowledgement.</summary>
    private static bool IsBound(Socket socket, IPEndPoint local)
    {
        try
        {
            socket.Bind(local);
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    /// <summary>A new connection.</summary>
    /// <param name="localPort">The client's port; 0 for one that the kernel chooses.</param>
    internal ScriptedConnection Connect(int localPort = 0)
    {
        var client = _path?.NewClientSocket(NewSocket) ?? NewSocket();
        if (localPort > 0)
        {
            client.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            var local = new IPEndPoint(_path is null ? IPAddress.Loopback : LabNetwork.ClientAddress, localPort);
            Assert.True(SpinWait.SpinUntil(() => IsBound(client, local), TimeSpan.FromSeconds(20)), $"{local} stays in use");
        }

        client.Connect(_listener.LocalEndPoint!);
        var server = _listener.Accept();
        server.NoDelay = true;
        var connection = new ScriptedConnection(this, client, server);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Lets time pass: the shape is that nothing happens for so long.</summary>
    internal static void Pass(int milliseconds) => Thread.Sleep(milliseconds);

    internal ScriptedRequest Add(ScriptedConnection connection, string method, string route)
    {
        var request = new ScriptedRequest(this, connection, _requests.Count + 1, ++connection.Requests, method, route);
        _requests.Add(request);
        return request;
    }

    internal void Report(RequestRecord record) => _records.Add(record);

    /// <summary>Closes whatever the script left open.</summary>
    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        _listener.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}
