using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>A client of <see cref="SizedServer"/>.</summary>
internal sealed class SizedClient(LabNamespace host) : ILabClient, IDisposable
{
    private readonly List<Socket> _sockets = [];
    private ClientBehaviour _behaviour = ClientBehaviour.Ordinary;

    public Task BehaveAsync(ClientBehaviour behaviour, CancellationToken cancellation)
    {
        _behaviour = behaviour;
        return Task.CompletedTask;
    }

    /// <summary>Connects, or gives up.</summary>
    /// <exception cref="SocketException">It was refused.</exception>
    /// <exception cref="OperationCanceledException">It took longer than that.</exception>
    internal async Task<SizedConnection> ConnectAsync(double seconds = 5)
    {
        var socket = host.RunIn(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        _sockets.Add(socket);
        if (_behaviour.ReceiveBuffer is { } bytes)
            socket.ReceiveBufferSize = bytes;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        await socket.ConnectAsync(new IPEndPoint(LabNetwork.ServerAddress, SizedServer.Port), limit.Token);
        return new SizedConnection(socket, _behaviour.ReadPause);
    }

    /// <summary>A request on a connection of its own.</summary>
    internal async Task<int> AskAsync(int bytes, double seconds = 5)
    {
        var connection = await ConnectAsync(seconds);
        return await connection.AskAsync(bytes, seconds);
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }
}

/// <summary>A connection on which one request follows another.</summary>
internal sealed class SizedConnection(Socket socket, TimeSpan readPause)
{
    private readonly byte[] _buffer = new byte[65536];

    /// <summary>Asks for so many bytes, and reads them.</summary>
    /// <returns>How many came in that time.</returns>
    /// <exception cref="SocketException">The connection broke.</exception>
    internal async Task<int> AskAsync(int bytes, double seconds = 5)
    {
        var request = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(request, bytes);
        await socket.SendAsync(request);
        await Task.Delay(readPause);
        return await ReadAsync(bytes, seconds);
    }

    /// <summary>Reads what is still to come of a response.</summary>
    /// <returns>How many bytes came in that time.</returns>
    internal async Task<int> ReadAsync(int bytes, double seconds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var read = 0;
        try
        {
            while (read < bytes && await socket.ReceiveAsync(_buffer.AsMemory(0, Math.Min(_buffer.Length, bytes - read)), limit.Token) is > 0 and var count)
                read += count;
        }
        catch (OperationCanceledException)
        {
            // It is the number that tells.
        }

        return read;
    }
}
