using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace CrossLayer.Client.Connections;

/// <summary>
/// What the server knows of a connection: its ends, its socket, and how many bytes of it HTTP has consumed and written.
/// Requests on a connection follow one another, so that what was counted between two ends of requests is the second
/// one's bytes.
/// </summary>
internal sealed class ServedConnection : IDuplexPipe, IDisposable
{
    private readonly CountingPipeReader _input;
    private readonly CountingPipeWriter _output;
    private readonly IConnectionLifetimeNotificationFeature? _lifetime;
    private long _consumedBefore;
    private long _writtenBefore;
    private int _requests;
    private Timer? _idle;

    private ServedConnection(ConnectionContext connection)
    {
        _input = new CountingPipeReader(connection.Transport.Input);
        _output = new CountingPipeWriter(connection.Transport.Output);
        LocalEnd = connection.LocalEndPoint is IPEndPoint local ? local : null;
        PeerEnd = connection.RemoteEndPoint is IPEndPoint peer ? peer : null;
        Cookie = connection.Features.Get<IConnectionSocketFeature>() is { } feature ? SocketCookie.Of(feature.Socket) : null;
        _lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
    }

    /// <summary>The server's end.</summary>
    public IPEndPoint? LocalEnd { get; }

    /// <summary>The client's end.</summary>
    public IPEndPoint? PeerEnd { get; }

    /// <summary>The socket's cookie.</summary>
    public ulong? Cookie { get; }

    /// <summary>True once the client's stream has ended, by its close or by an error.</summary>
    public bool PeerIsGone => _input.HasEnded;

    /// <inheritdoc/>
    public PipeReader Input => _input;

    /// <inheritdoc/>
    public PipeWriter Output => _output;

    /// <summary>Counts a connection's bytes from here on, and lets requests find it among their features.</summary>
    public static ServedConnection Attach(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var served = new ServedConnection(connection);
        connection.Transport = served;
        connection.Features.Set(served);
        return served;
    }

    /// <summary>Begins a request: the connection is not idle.</summary>
    public void BeginRequest() => _idle?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Ends a request: its place on the connection, from 1, and its bytes on it, headers included.</summary>
    /// <param name="idle">The connection is closed when it has been idle for so long; null for the server's own time.</param>
    public (int Ordinal, long RequestBytes, long ResponseBytes) EndRequest(TimeSpan? idle = null)
    {
        if (idle is { } time && _lifetime is not null)
        {
            _idle ??= new Timer(_ => _lifetime.RequestClose());
            _idle.Change(time, Timeout.InfiniteTimeSpan);
        }

        var (consumed, written) = (_input.Consumed, _output.Written);
        var counts = (++_requests, consumed - _consumedBefore, written - _writtenBefore);
        (_consumedBefore, _writtenBefore) = (consumed, written);
        return counts;
    }

    /// <summary>The connection is over.</summary>
    public void Dispose() => _idle?.Dispose();
}
