using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Histories;

/// <summary>
/// One connection between a client and a server that read and write in pieces of any size: a model of what TCP carries and
/// when each kernel event fires, with what really was each request's. Times are nanoseconds.
/// </summary>
/// <remarks>
/// Each side is one thread. A write's bytes travel at once, its event fires when the call returns: the peer may have read by
/// then. Server and client know where each request ends; the kernel events do not say.
/// </remarks>
internal sealed class History
{
    /// <summary>A thread that ends several requests at once takes their times one after another.</summary>
    private const int NextStampNs = 500;

    private readonly Random _random;
    private readonly List<(long AtNs, Action Happens)> _steps = [];
    private readonly List<KernelEvent> _events = [];
    private readonly ModelSocket _client;
    private readonly ModelSocket _server;
    private readonly long _transitNs;
    private readonly int _firstId;

    /// <summary>A connection that opens at a time.</summary>
    public History(Random random, int clientPort, ulong cookie, int firstId, long openNs)
    {
        (_random, _firstId, _transitNs) = (random, firstId, random.Next(5_000, 100_000));
        var (client, server) = (Conversation.End(clientPort), Conversation.End(8080));
        _client = new ModelSocket(cookie, SocketRole.Active, client, server);
        _server = new ModelSocket(cookie + 1, SocketRole.Passive, server, client);
        _client.FreeNs = openNs + (2 * _transitNs);
        _server.FreeNs = _client.FreeNs + _transitNs;
        Emit(_client, _client.FreeNs, KernelEventType.Connect, 0, sinceNs: openNs);
        Emit(_server, _server.FreeNs, KernelEventType.Accept, 0);
    }

    /// <summary>What really happened.</summary>
    public List<Told> Requests { get; } = [];

    /// <summary>When the client is free for its next request.</summary>
    public long NowNs => Math.Max(_client.FreeNs, _server.FreeNs);

    /// <summary>The kernel events in order of time, once all is told.</summary>
    public IEnumerable<KernelEvent> Events()
    {
        _events.Clear();
        foreach (var (_, happens) in _steps.OrderBy(step => step.AtNs))
            happens();
        return _events;
    }

    /// <summary>The client thinks.</summary>
    public void Wait(long ns) => _client.FreeNs = NowNs + ns;

    /// <summary>A request and its response, in pieces.</summary>
    public void Ask(int request, int response) => Pipeline([(request, response)], together: false);

    /// <summary>Requests written at once; the server reads as much as it likes, and answers one by one or all at the end.</summary>
    public void Pipeline(IReadOnlyList<(int Request, int Response)> group, bool together)
    {
        var first = Requests.Count;
        var start = _client.FreeNs;
        foreach (var (request, response) in group)
            Tell(request, response, start);
        Write(_client, _server, group.Sum(x => x.Request));
        for (var i = first; i < Requests.Count; i++)
        {
            var told = Requests[i];
            var begun = Read(_server, Math.Max(_server.Read, _random.Next(2) == 0 ? told.Request.End : _random.NextInt64(told.Request.End, _client.Put + 1)));
            told.ServerStartNs = begun;
            _server.FreeNs += Handling();
            if (!together)
                Write(_server, _client, (int)told.Response.Length);
            told.ServerEndNs = _server.FreeNs;
        }

        if (together)
        {
            Write(_server, _client, group.Sum(x => x.Response));
            foreach (var told in Requests.Skip(first))
                told.ServerEndNs = _server.FreeNs += NextStampNs;
        }

        ReadAnswers(first);
    }

    /// <summary>The client waits for leave before it sends the body (RFC 9110, 10.1.1).</summary>
    public void AskForLeave(int headers, int body, int response)
    {
        const int interim = 25;
        Tell(headers + body, interim + response, _client.FreeNs);
        Write(_client, _server, headers);
        Requests[^1].ServerStartNs = Read(_server, _client.Put);
        Write(_server, _client, interim);
        Read(_client, _server.Put);
        Write(_client, _server, body);
        Read(_server, _client.Put);
        _server.FreeNs += Handling();
        Write(_server, _client, response);
        Requests[^1].ServerEndNs = _server.FreeNs;
        ReadAnswers(Requests.Count - 1);
    }

    /// <summary>The server answers before it has the whole request, and reads the rest away.</summary>
    public void AnswerEarly(int seen, int rest, int response)
    {
        Tell(seen + rest, response, _client.FreeNs);
        Write(_client, _server, seen);
        Requests[^1].ServerStartNs = Read(_server, _client.Put);
        Write(_server, _client, response);
        Requests[^1].ServerEndNs = _server.FreeNs;
        Write(_client, _server, rest);
        Read(_server, _client.Put);
        ReadAnswers(Requests.Count - 1);
    }

    /// <summary>The last request: the client says at once that no other will follow.</summary>
    public void AskAndHalfClose(int request, int response)
    {
        Tell(request, response, _client.FreeNs);
        Write(_client, _server, request);
        _steps.Add((_client.FreeNs + _transitNs, () => _server.FinReceived = true));
        Requests[^1].ServerStartNs = Read(_server, _client.Put);
        _server.FreeNs += Handling();
        Write(_server, _client, response);
        Requests[^1].ServerEndNs = _server.FreeNs;
        ReadAnswers(Requests.Count - 1);
    }

    /// <summary>Both ends close.</summary>
    public void Close()
    {
        var at = NowNs + _transitNs;
        _steps.Add((at + _transitNs, () => _server.FinReceived = true));
        Emit(_client, at + (3 * _transitNs), KernelEventType.Close, 0);
        Emit(_server, at + (4 * _transitNs), KernelEventType.Close, 0);
        _client.FreeNs = at + (5 * _transitNs);
    }

    private void Tell(int request, int response, long startNs)
    {
        var last = Requests.Count > 0 ? Requests[^1] : null;
        var (requestStart, responseStart) = (last?.Request.End ?? 0, last?.Response.End ?? 0);
        Requests.Add(new Told(_firstId + Requests.Count, Requests.Count + 1, _client, _server,
            new ByteRange(requestStart, requestStart + request), new ByteRange(responseStart, responseStart + response))
        { ClientStartNs = startNs });
    }

    private void ReadAnswers(int first)
    {
        foreach (var told in Requests.Skip(first))
        {
            // A read may take the next response's first bytes along.
            Read(_client, Math.Max(_client.Read, _random.Next(2) == 0 ? told.Response.End : _random.NextInt64(told.Response.End, _server.Put + 1)));
            told.ClientEndNs = _client.FreeNs += NextStampNs;
        }
    }

    private void Write(ModelSocket from, ModelSocket to, int bytes)
    {
        foreach (var piece in Pieces(bytes))
        {
            var at = from.FreeNs + _random.Next(1_000, 20_000);
            var arrival = Math.Max(at + _transitNs, to.Arrivals.Count > 0 ? to.Arrivals[^1].AtNs : 0);
            from.Put += piece;
            var put = from.Put;
            to.Arrivals.Add((put, arrival));
            _steps.Add((at, () => from.Written = (ulong)put));
            _steps.Add((arrival, () => to.Received = (ulong)put));
            _steps.Add((arrival + _transitNs, () => from.Acked = (ulong)put));
            Emit(from, arrival + _transitNs + 1, KernelEventType.Acked, 0);
            from.FreeNs = at + _random.NextInt64(500, 3 * _transitNs);
            Emit(from, from.FreeNs, KernelEventType.Send, piece);
        }
    }

    /// <summary>Reads up to an offset, in pieces; returns when the first of them was read, or the reader was free.</summary>
    private long Read(ModelSocket socket, long upTo)
    {
        var first = 0L;
        foreach (var piece in Pieces((int)(upTo - socket.Read)))
        {
            socket.Read += piece;
            var arrival = socket.Arrivals.First(x => x.Offset >= socket.Read).AtNs;
            socket.FreeNs = Math.Max(socket.FreeNs, arrival) + _random.Next(1_000, 20_000);
            first = first == 0 ? socket.FreeNs : first;
            var copied = (ulong)socket.Read;
            _steps.Add((socket.FreeNs, () => socket.Copied = copied));
            Emit(socket, socket.FreeNs, KernelEventType.Recv, piece);
        }

        return first == 0 ? socket.FreeNs : first;
    }

    private IEnumerable<int> Pieces(int bytes)
    {
        while (bytes > 0)
        {
            var piece = _random.Next(3) == 0 ? _random.Next(1, bytes + 1) : bytes;
            bytes -= piece;
            yield return piece;
        }
    }

    private long Handling() => _random.Next(20_000, 3_000_000);

    private void Emit(ModelSocket socket, long atNs, KernelEventType type, int bytes, long sinceNs = 0) =>
        _steps.Add((atNs, () => _events.Add(socket.Event(atNs, type, bytes, sinceNs))));
}
