namespace CrossLayer.Client.Connections;

/// <summary>
/// A request on its way, and the connection that it turns out to be on. The pool of connections does not tell; but in
/// HTTP/1.1 a request is written in the flow of the one who sends it, where <see cref="Current"/> is set.
/// </summary>
internal sealed class RequestInFlight(CancellationToken givenUp)
{
    private static readonly AsyncLocal<RequestInFlight?> Flow = new();

    private readonly Lock _lock = new();
    private readonly List<RequestAttempt> _attempts = [];
    private ClientConnection? _connection;
    private int? _ordinal;
    private (long Written, long Read) _before;
    private (long Written, long Read)? _after;

    /// <summary>The request of this flow.</summary>
    public static RequestInFlight? Current
    {
        get => Flow.Value;
        set => Flow.Value = value;
    }

    /// <summary>Cancelled when the request is given up; an attempt to connect for it ends with it.</summary>
    public CancellationToken GivenUp { get; } = givenUp;

    /// <summary>Notes an attempt to connect on the request's behalf; it stands until the request is written somewhere.</summary>
    public void Attempt(ClientConnection connection)
    {
        lock (_lock)
        {
            _attempts.Add(new RequestAttempt(connection, UnixTime.NowNs(), null, 0, 0));
            if (_ordinal is null)
                _connection = connection;
        }
    }

    /// <summary>Notes that the request is written to a connection. Written again on another, it is on that one.</summary>
    public void Attach(ClientConnection connection)
    {
        lock (_lock)
        {
            if (_ordinal is not null && _connection == connection)
                return;
        }

        var (ordinal, written, read) = connection.Begin(this);
        lock (_lock)
        {
            (_connection, _ordinal, _before, _after) = (connection, ordinal, (written, read), null);
            _attempts.Add(new RequestAttempt(connection, UnixTime.NowNs(), ordinal, written, read));
        }
    }

    /// <summary>Notes that another request follows on the connection: what is counted there is no longer this one's.</summary>
    public void End(ClientConnection connection, long written, long read)
    {
        lock (_lock)
        {
            if (_connection == connection)
                _after ??= (written, read);
        }
    }

    /// <summary>Where the request is, and its bytes so far; no connection where none was even attempted.</summary>
    public RequestTrace Trace()
    {
        lock (_lock)
        {
            if (_connection is not { } connection || _ordinal is not { } ordinal)
                return new RequestTrace(_connection, null, null, null, [.. _attempts]);
            var (written, read) = _after ?? (connection.Written, connection.Read);
            return new RequestTrace(connection, ordinal, written - _before.Written, read - _before.Read, [.. _attempts]);
        }
    }
}

/// <summary>Where a request was.</summary>
/// <param name="Connection">Its connection, or the last attempt at one.</param>
/// <param name="Ordinal">1 for the first request on the connection; null where it was not written.</param>
/// <param name="RequestBytes">Bytes of the request on the connection.</param>
/// <param name="ResponseBytes">Bytes of the response on the connection.</param>
/// <param name="Attempts">Every connection that was opened for it, and every one that it was written to, in this order.</param>
internal readonly record struct RequestTrace(
    ClientConnection? Connection, int? Ordinal, long? RequestBytes, long? ResponseBytes, IReadOnlyList<RequestAttempt> Attempts);

/// <summary>A connection that was opened for a request, or that it was written to.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="UnixNs">When: nanoseconds since the Unix epoch.</param>
/// <param name="Ordinal">1 for the first request on it; null where it was opened.</param>
/// <param name="WrittenBefore">Bytes written to the connection before the request.</param>
/// <param name="ReadBefore">Bytes read from it before the request.</param>
internal readonly record struct RequestAttempt(ClientConnection Connection, long UnixNs, int? Ordinal, long WrittenBefore, long ReadBefore);
