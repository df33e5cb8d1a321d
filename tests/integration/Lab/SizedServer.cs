using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>A server in the lab: a request is a number of four bytes, its response so many bytes.</summary>
internal sealed class SizedServer : ILabServer, IDisposable
{
    internal const int Port = 8080;

    private readonly LabNamespace _host;
    private readonly Thread _accepting;
    private readonly List<Socket> _connections = [];
    private readonly Lock _lock = new();
    private volatile ServerBehaviour _behaviour = ServerBehaviour.Ordinary;
    private volatile bool _ended;
    private Socket? _listener;
    private int _answered;
    private long _misbehaved;

    internal SizedServer(LabNamespace host)
    {
        _host = host;
        _listener = Listen(ServerBehaviour.Ordinary);
        _accepting = new Thread(Accept) { IsBackground = true };
        _accepting.Start();
    }

    /// <summary>How many responses it has written, whether or not they arrived.</summary>
    internal int Answered => Volatile.Read(ref _answered);

    /// <summary>How many connections it has that nobody has ended.</summary>
    internal int Open
    {
        get
        {
            lock (_lock)
                return _connections.Count;
        }
    }

    public LabProcess? Process => null;

    public Task<long> MisbehavedAsync(CancellationToken cancellation) => Task.FromResult(Interlocked.Read(ref _misbehaved));

    public Task BehaveAsync(ServerBehaviour behaviour, CancellationToken cancellation)
    {
        lock (_lock)
        {
            _behaviour = behaviour;
            if (behaviour.Listens && _listener is not null)
            {
                // Changes the length of the queue, and nothing else.
                _listener.Listen(behaviour.Backlog ?? 128);
            }
            else
            {
                _listener?.Dispose();
                _listener = behaviour.Listens ? Listen(behaviour) : null;
            }
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _ended = true;
        _accepting.Join();
        lock (_lock)
        {
            _listener?.Dispose();
            foreach (var connection in _connections)
                connection.Dispose();
        }
    }

    private Socket Listen(ServerBehaviour behaviour) => _host.RunIn(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(LabNetwork.ServerAddress, Port));
        socket.Listen(behaviour.Backlog ?? 128);
        return socket;
    });

    private void Accept()
    {
        for (; !_ended; Thread.Sleep(5))
        {
            lock (_lock)
            {
                while (_behaviour.Accepts && _listener is { } listener && listener.Poll(0, SelectMode.SelectRead))
                {
                    var connection = listener.Accept();
                    _connections.Add(connection);
                    _ = ServeAsync(connection);
                }
            }
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            var request = new byte[4];
            while (await ReadAsync(connection, request))
            {
                var behaviour = _behaviour;
                if (behaviour.AbortPercent > Random.Shared.Next(100))
                {
                    Interlocked.Increment(ref _misbehaved);
                    connection.Close(0);
                    break;
                }

                if (behaviour.HandlerDelay > TimeSpan.Zero)
                {
                    Interlocked.Increment(ref _misbehaved);
                    await Task.Delay(behaviour.HandlerDelay);
                }

                // Answered is what its kernel has taken.
                await connection.SendAsync(new byte[BinaryPrimitives.ReadInt32LittleEndian(request)]);
                Interlocked.Increment(ref _answered);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The connection has ended, as some of them are meant to.
        }

        lock (_lock)
        {
            if (!_ended)
                _connections.Remove(connection);
        }

        connection.Dispose();
    }

    private static async Task<bool> ReadAsync(Socket connection, Memory<byte> request)
    {
        for (var read = 0; read < request.Length;)
        {
            var count = await connection.ReceiveAsync(request[read..]);
            if (count == 0)
                return false;
            read += count;
        }

        return true;
    }
}
