using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace CrossLayer.Host.Lab.Serving;

/// <summary>Takes connections as long as it is told to; connections that it has go on whatever it is told.</summary>
internal sealed class GatedTransport : IConnectionListenerFactory, IConnectionListener
{
    private const int OrdinaryBacklog = 512;

    private readonly SocketConnectionContextFactory _connections = new(new SocketConnectionFactoryOptions(), NullLogger.Instance);
    private readonly Lock _lock = new();
    private CancellationTokenSource _change = new();
    private ServerBehaviour _behaviour = ServerBehaviour.Ordinary;
    private Socket? _listener;
    private IPEndPoint? _endPoint;
    private bool _ended;

    /// <inheritdoc/>
    public EndPoint EndPoint => _endPoint ?? throw new InvalidOperationException("not bound yet");

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _listener = Listen((IPEndPoint)endpoint, OrdinaryBacklog);
            _endPoint = (IPEndPoint)_listener.LocalEndPoint!;
        }

        return ValueTask.FromResult<IConnectionListener>(this);
    }

    /// <summary>Listens and accepts as told, from now on.</summary>
    /// <exception cref="SocketException">The port is somebody else's by now.</exception>
    public void Behave(ServerBehaviour behaviour)
    {
        CancellationTokenSource before;
        lock (_lock)
        {
            var backlog = behaviour.Backlog ?? OrdinaryBacklog;
            if (!behaviour.Listens)
            {
                _listener?.Dispose();
                _listener = null;
            }
            else if (_listener is null)
            {
                _listener = Listen(_endPoint!, backlog);
            }
            else if (backlog != (_behaviour.Backlog ?? OrdinaryBacklog))
            {
                // Changes the length of the queue, and nothing else.
                _listener.Listen(backlog);
            }

            _behaviour = behaviour;
            before = _change;
            _change = new CancellationTokenSource();
        }

        before.Cancel();
        before.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Socket? listener;
            CancellationToken changed;
            lock (_lock)
            {
                if (_ended)
                    return null;
                (listener, changed) = (_behaviour.Accepts ? _listener : null, _change.Token);
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(changed, cancellationToken);
            try
            {
                if (listener is null)
                {
                    await Task.Delay(Timeout.Infinite, either.Token);
                    continue;
                }

                var socket = await listener.AcceptAsync(either.Token);
                if (Connect(socket) is { } connection)
                    return connection;
            }
            catch (OperationCanceledException) when (changed.IsCancellationRequested)
            {
                // Told otherwise meanwhile.
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The listener was closed, or the client left while its connection was in the queue. Whoever waits would wait for ever
                // if this ended here: the server takes that for the listener's end.
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _ended = true;
            _listener?.Dispose();
            _listener = null;
        }

        _change.Cancel();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        _change.Dispose();
        _connections.Dispose();
    }

    /// <summary>The connection; null where the client reset it while it was in the queue.</summary>
    private ConnectionContext? Connect(Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            return _connections.Create(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static Socket Listen(IPEndPoint endPoint, int backlog)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
