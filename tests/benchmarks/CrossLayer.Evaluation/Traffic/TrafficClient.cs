using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Evaluation.Traffic;

/// <summary>Makes a workload's requests, and notes which bytes of which socket each of them was.</summary>
internal sealed class TrafficClient(
    Workload workload, RequestFacts[] facts, IPEndPoint server, int seed, Action<RequestFacts, RequestRole> ended, Action pause)
{
    // A loopback address and ports that nothing else uses: below the range from which the kernel chooses.
    private static readonly IPAddress PortsAddress = new([127, 0, 0, 77]);
    private const int FirstPort = 20_001;
    private const int MaxBindTries = 1000;
    private const int BufferBytes = 64 << 10;

    private readonly (int Request, int Response)[] _sizes = SizesOf(workload, seed);
    private int _refusedPorts;

    /// <summary>How often a port was still taken by its last connection, and was tried again a millisecond later.</summary>
    internal int RefusedPorts => _refusedPorts;

    /// <summary>Makes the connections that fall to one of the concurrent workers, one after the other.</summary>
    internal void Work(int worker, CancellationToken cancellation)
    {
        var random = new Random(HashCode.Combine(seed, worker));
        var buffer = new byte[BufferBytes];
        var turn = 0;
        for (var connection = worker; connection < workload.Connections; connection += workload.Concurrency)
        {
            pause();
            using var socket = Connect(worker, turn++);
            var (request, response) = (0L, 0L);
            var local = Endpoint.From((IPEndPoint)socket.LocalEndPoint!);
            var cookie = TrafficSocket.CookieOf(socket);
            for (var i = 0; i < workload.RequestsPerConnection; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (workload.MaxThinkMs > 0 && random.Next(workload.MaxThinkMs + 1) is > 0 and var think)
                    Thread.Sleep(think);
                var fact = facts[(connection * workload.RequestsPerConnection) + i];
                var size = _sizes[fact.Number];
                fact.Ordinal = i + 1;
                (fact.Client, fact.Server, fact.ClientCookie) = (local, Endpoint.From(server), cookie);
                fact.Request = new ByteRange(request, request += size.Request);
                fact.Response = new ByteRange(response, response += size.Response);
                fact.ClientTimes = Exchange(socket, buffer, fact.Number, size);
                ended(fact, RequestRole.Client);
            }

            if (workload.ServerCloses && socket.Receive(buffer) != 0)
                throw new IOException("the server sent more than was asked for");
        }
    }

    private static Measured Exchange(Socket socket, byte[] buffer, int number, (int Request, int Response) size)
    {
        var request = buffer.AsSpan(0, size.Request);
        TrafficSocket.WriteHeader(request, number, size.Response);
        var startUnixNs = TrafficSocket.UnixNs();
        var started = Stopwatch.GetTimestamp();
        socket.Send(request);
        TrafficSocket.ReadRest(socket, buffer, 0, size.Response);
        var times = TrafficSocket.Since(startUnixNs, started);
        var answered = TrafficSocket.ReadHeader(buffer).Number;
        return answered == number ? times : throw new IOException($"the response to request {number} is one to {answered}");
    }

    private Socket Connect(int worker, int turn)
    {
        for (var tries = 1; ; tries++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                if (workload.LocalPorts > 0)
                {
                    var own = workload.LocalPorts / workload.Concurrency;
                    socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                    socket.Bind(new IPEndPoint(PortsAddress, FirstPort + (worker * own) + (turn % own)));
                }

                socket.Connect(server);
                return socket;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse
                && tries < MaxBindTries)
            {
                // The last connection's end has not been acknowledged yet.
                socket.Dispose();
                Interlocked.Increment(ref _refusedPorts);
                Thread.Sleep(1);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>A pair of sizes for each request: no two alike, or all alike.</summary>
    private static (int Request, int Response)[] SizesOf(Workload workload, int seed)
    {
        const int requestSizes = 512;
        if (workload.EqualSizes)
            return [.. Enumerable.Repeat((200, 1000), workload.Requests)];
        var order = Enumerable.Range(0, workload.Requests).ToArray();
        new Random(seed).Shuffle(order);
        return [.. order.Select(place => (64 + (place % requestSizes), 64 + (8 * (place / requestSizes))))];
    }
}
