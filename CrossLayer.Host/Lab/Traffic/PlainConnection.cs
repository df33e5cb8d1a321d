using System.Globalization;
using System.Net;
using System.Text;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Lab.Traffic;

/// <summary>
/// A connection on which HTTP/1.1 is written and read by hand: for what clients may do, and libraries do not. Not to be used from
/// several threads at once.
/// </summary>
internal sealed class PlainConnection : IDisposable
{
    private readonly LabClient _client;
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly RequestAttempt _opening;
    private int _start;
    private int _end;
    private int _requests;
    private long _asked;
    private long _answered;

    private PlainConnection(LabClient client, ClientConnection connection)
    {
        (_client, Connection) = (client, connection);
        _opening = new RequestAttempt(connection, UnixTime.NowNs(), null, 0, 0);
    }

    /// <summary>What is known of it.</summary>
    public ClientConnection Connection { get; }

    /// <summary>Connects to the lab's server.</summary>
    /// <param name="client">Whose host, server and oracle it is.</param>
    /// <param name="localPort">The client's port; null for any.</param>
    public static async Task<PlainConnection> OpenAsync(LabClient client, int? localPort = null)
    {
        var peer = IPEndPoint.Parse(client.Server.Authority);
        var connection = client.Host.RunIn(() => localPort is { } port
            ? ClientConnection.From(new IPEndPoint(LabNetwork.ClientAddress, port), peer)
            : ClientConnection.Unbound(peer));
        var plain = new PlainConnection(client, connection);
        try
        {
            using var patience = new CancellationTokenSource(LabClient.RequestTimeout);
            await connection.ConnectAsync(peer, patience.Token);
            return plain;
        }
        catch
        {
            plain.Dispose();
            throw;
        }
    }

    /// <summary>Begins a request: what is to be written for it.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="target">Its path and query.</param>
    /// <param name="bodyBytes">The length of its body; null for none.</param>
    /// <param name="headers">More headers, each with its line's end.</param>
    public PlainRequest Begin(string method, string target, long? bodyBytes = null, string headers = "")
    {
        var id = LabClient.Nonce(Random.Shared);
        var length = bodyBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {bytes}\r\n") : "";
        var head = Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\nHost: {_client.Server.Authority}\r\n{ServedRequestId.Header}: {id}\r\n{length}{headers}\r\n");
        return new PlainRequest(new RequestId(id), method, target.Split('?')[0], ++_requests, head);
    }

    /// <summary>Writes the bytes of one request or of several.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        // A library counts what it hands to the kernel, whether or not the kernel takes it.
        Connection.CountWritten(bytes.Length);
        while (bytes.Length > 0)
            bytes = bytes[await Connection.Socket.SendAsync(bytes, cancellation)..];
    }

    /// <summary>Something can be read: a response, or the end.</summary>
    public bool HasAnswer => _end > _start || Connection.Socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead);

    /// <summary>Reads the response to the oldest request that has none, and tells the oracle of that request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bodyWritten">How much of its body was written.</param>
    /// <param name="outcome">What the client meant to get other than a body of its nonce; null where it meant just that.</param>
    public async Task ReadAsync(PlainRequest request, CancellationToken cancellation, long bodyWritten = 0, Outcome? outcome = null)
    {
        var (status, headBytes, length) = await ReadHeadAsync(cancellation);
        await using var body = new CheckingStream(request.Id.Text, length, TimeSpan.Zero);
        for (var left = length; left > 0;)
        {
            if (_end == _start)
                await FillAsync(cancellation);
            var piece = (int)Math.Min(left, _end - _start);
            body.Write(_buffer.AsSpan(_start, piece));
            _start += piece;
            left -= piece;
        }

        var (requestBytes, responseBytes) = (request.Head.Length + bodyWritten, headBytes + length);
        var attempt = new RequestAttempt(Connection, request.StartUnixNs, request.Ordinal, _asked, _answered);
        _asked += requestBytes;
        _answered += responseBytes;
        _client.Oracle.Add(new SentRequest(
            new RequestRecord
            {
                RequestId = request.Id,
                LatencyMs = request.Elapsed.TotalMilliseconds,
                StatusCode = status,
                Result = status < 400 ? RequestResult.Success : RequestResult.HttpError,
                Role = RequestRole.Client,
                StartUnixNs = request.StartUnixNs,
                Local = Connection.Local,
                Peer = Connection.Peer,
                Method = request.Method,
                Route = request.Route,
                RequestBytes = requestBytes,
                ResponseBytes = responseBytes,
                SocketCookie = Connection.Cookie,
                ConnectionRequest = request.Ordinal,
                Service = "client",
            },
            new RequestTrace(Connection, request.Ordinal, requestBytes, responseBytes, request.Ordinal == 1 ? [_opening, attempt] : [attempt]),
            outcome ?? body.Outcome,
            false));
    }

    /// <summary>Reads until the server has closed its half.</summary>
    public async Task ReadEndAsync(CancellationToken cancellation)
    {
        if (_end > _start || await Connection.Socket.ReceiveAsync(_buffer, cancellation) > 0)
            throw new LabException($"{Connection.Peer} sends more than it was asked for");
    }

    /// <inheritdoc/>
    public void Dispose() => Connection.Socket.Dispose();

    private async Task<(int Status, int HeadBytes, long Length)> ReadHeadAsync(CancellationToken cancellation)
    {
        int head;
        while ((head = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
            await FillAsync(cancellation);
        var lines = Encoding.ASCII.GetString(_buffer, _start, head).Split("\r\n");
        _start += head + 4;
        var length = lines.Select(line => line.Split(':', 2)).FirstOrDefault(pair => pair[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase))?[1];
        return (int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), head + 4, long.Parse(length ?? "0", CultureInfo.InvariantCulture));
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var read = await Connection.Socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
        if (read == 0)
            throw new LabException($"{Connection.Peer} closed the connection in a response");
        Connection.CountRead(read);
        _end += read;
    }
}
