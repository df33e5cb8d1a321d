using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Serving;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CrossLayer.Host.Lab.Serving;

/// <summary>The lab's server, in its own process: serves what <see cref="Routes"/> says, and behaves as it is told.</summary>
internal sealed class LabServer : IAsyncDisposable
{
    private static readonly TimeSpan HalfClosed = TimeSpan.FromMilliseconds(100);

    private readonly GatedTransport _transport = new();
    private readonly ConcurrentQueue<string> _touched = new();
    private readonly Lock _recording = new();
    private volatile ServerBehaviour _behaviour = ServerBehaviour.Ordinary;
    private long _misbehaved;
    private RecordWriter<RequestRecord>? _records;
    private HttpServer? _server;
    private HttpServer? _http2;

    /// <summary>Where it listens for HTTP/1.1.</summary>
    public Uri Url => _server!.Url;

    /// <summary>Where it listens for HTTP/2: the port after that for HTTP/1.1, since in the clear nothing tells the two apart.</summary>
    public static int Http2Port(int port) => port + 1;

    /// <summary>Starts it.</summary>
    /// <exception cref="InputException">The address or the port cannot be listened at.</exception>
    public static async Task<LabServer> StartAsync(IPEndPoint at, CancellationToken cancellation)
    {
        var server = new LabServer();
        server._server = await HttpServer.StartAsync(
            new HttpServerOptions
            {
                Address = at.Address,
                Port = at.Port,
                Service = "server",
                HalfClosed = HalfClosed,
                Transport = server._transport,
                BeforeHandler = server.MisbehaveAsync,
            },
            server.Record,
            cancellation);
        server._http2 = await HttpServer.StartAsync(
            new HttpServerOptions
            {
                Address = at.Address,
                Port = Http2Port(server._server.Port),
                Protocols = HttpProtocols.Http2,
                Service = "server",
            },
            server.Record,
            cancellation);
        return server;
    }

    /// <summary>Does as it is told.</summary>
    public LabServerAnswer Obey(LabServerOrder order)
    {
        if (order.Behave is { } behaviour)
        {
            _behaviour = behaviour;
            _transport.Behave(behaviour);
        }

        if (order.RecordTo is { } path)
            RecordTo(RecordWriter<RequestRecord>.Create(path, RequestRecordJson.Kind));
        if (!order.EndRecord)
            return new LabServerAnswer { Misbehaved = Interlocked.Read(ref _misbehaved) };
        RecordTo(null);
        var touched = new List<string>();
        while (_touched.TryDequeue(out var id))
            touched.Add(id);
        return new LabServerAnswer { Misbehaved = Interlocked.Read(ref _misbehaved), Touched = touched };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        if (_http2 is not null)
            await _http2.DisposeAsync();
        RecordTo(null);
    }

    private void RecordTo(RecordWriter<RequestRecord>? records)
    {
        lock (_recording)
        {
            _records?.Dispose();
            _records = records;
        }
    }

    private ValueTask Record(RequestRecord record)
    {
        lock (_recording)
            _records?.Append(record);
        return ValueTask.CompletedTask;
    }

    private async Task MisbehaveAsync(HttpContext context)
    {
        var behaviour = _behaviour;
        var aborts = behaviour.AbortPercent > Random.Shared.Next(100);
        if (!aborts && behaviour.HandlerDelay == TimeSpan.Zero)
            return;
        Interlocked.Increment(ref _misbehaved);
        _touched.Enqueue(context.Request.Headers[ServedRequestId.Header].ToString());
        if (aborts)
        {
            var socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
            throw new HandlerFailedException("the handler gave the connection up");
        }

        await Task.Delay(behaviour.HandlerDelay);
    }
}
