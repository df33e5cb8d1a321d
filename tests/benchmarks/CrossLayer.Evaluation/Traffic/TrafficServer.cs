using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Evaluation.Traffic;

/// <summary>Answers each request with as many bytes as it asks for, and notes what it saw.</summary>
internal sealed class TrafficServer : IDisposable
{
    private const int BufferBytes = 64 << 10;

    private readonly Workload _workload;
    private readonly RequestFacts[] _facts;
    private readonly Action<RequestFacts, RequestRole> _ended;
    private readonly Socket _listener;
    private int _accepted;

    /// <param name="ended">Told of each request that the server is done with.</param>
    internal TrafficServer(Workload workload, RequestFacts[] facts, Action<RequestFacts, RequestRole> ended)
    {
        (_workload, _facts, _ended) = (workload, facts, ended);
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1024);
        Address = (IPEndPoint)_listener.LocalEndPoint!;
    }

    /// <summary>Where it listens.</summary>
    internal IPEndPoint Address { get; }

    /// <summary>Serves one connection after the other until all of the workload's are served; one of several threads.</summary>
    internal void Work()
    {
        var buffer = new byte[BufferBytes];
        while (Interlocked.Increment(ref _accepted) <= _workload.Connections)
        {
            using var socket = _listener.Accept();
            socket.NoDelay = true;
            Serve(socket, buffer);
        }
    }

    /// <summary>Ends all threads that still wait for a connection.</summary>
    public void Dispose() => _listener.Dispose();

    private void Serve(Socket socket, byte[] buffer)
    {
        var cookie = TrafficSocket.CookieOf(socket);
        int read;
        while ((read = socket.Receive(buffer)) > 0)
        {
            var startUnixNs = TrafficSocket.UnixNs();
            var started = Stopwatch.GetTimestamp();
            TrafficSocket.ReadRest(socket, buffer, read, TrafficSocket.HeaderBytes);
            var (number, bytes, responseBytes) = TrafficSocket.ReadHeader(buffer);
            TrafficSocket.ReadRest(socket, buffer, Math.Max(read, TrafficSocket.HeaderBytes), bytes);
            var response = buffer.AsSpan(0, responseBytes);
            TrafficSocket.WriteHeader(response, number, 0);
            socket.Send(response);

            var facts = _facts[number];
            facts.ServerCookie = cookie;
            facts.ServerTimes = TrafficSocket.Since(startUnixNs, started);
            _ended(facts, RequestRole.Server);
            if (_workload.ServerCloses)
                return;
        }
    }
}
