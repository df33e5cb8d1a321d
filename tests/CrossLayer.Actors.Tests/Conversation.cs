using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests;

/// <summary>
/// Writes the kernel events of one connection from literals, at both sockets or one, and keeps the stream offsets that
/// the kernel would report. Times are milliseconds.
/// </summary>
internal sealed class Conversation(int clientPort = 40000, int serverPort = 8080)
{
    public const ulong ClientCookie = 101;
    public const ulong ServerCookie = 202;

    private readonly Side _client = new(ClientCookie, SocketRole.Active, End(clientPort), End(serverPort), 11, "curl");
    private readonly Side _server = new(ServerCookie, SocketRole.Passive, End(serverPort), End(clientPort), 22, "nginx");

    public List<KernelEvent> Events { get; } = [];

    public Endpoint Client => End(clientPort);

    public Endpoint Server => End(serverPort);

    public bool WithClient { get; init; } = true;

    public bool WithServer { get; init; } = true;

    public SocketRole ClientRole { get => _client.Role; init => _client.Role = value; }

    public SocketRole ServerRole { get => _server.Role; init => _server.Role = value; }

    public Conversation Open(double atMs, double sinceMs)
    {
        Client_(atMs, KernelEventType.Connect, (ref KernelEvent e) =>
        {
            e.SinceNs = Ns(sinceMs);
            (e.OldState, e.NewState) = (TcpState.SynSent, TcpState.Established);
        });
        return Server_(atMs, KernelEventType.Accept, (ref KernelEvent e) =>
            (e.OldState, e.NewState) = (TcpState.SynRecv, TcpState.Established));
    }

    public Conversation FailToOpen(double atMs, double sinceMs, ushort error) =>
        Client_(atMs, KernelEventType.Connect, (ref KernelEvent e) =>
        {
            e.SinceNs = Ns(sinceMs);
            e.Error = error;
            (e.OldState, e.NewState) = (TcpState.SynSent, TcpState.Close);
        });

    /// <summary>The client writes; the server's kernel has and acknowledges it at once, unless it is lost.</summary>
    public Conversation ClientSends(double atMs, int bytes, bool acked = true)
    {
        _client.Written += (ulong)bytes;
        if (acked)
        {
            _client.Acked = _client.Written;
            _server.Received = _client.Written;
        }

        return Client_(atMs, KernelEventType.Send, (ref KernelEvent e) => e.Bytes = bytes);
    }

    public Conversation ServerReads(double atMs, int bytes)
    {
        _server.Copied += (ulong)bytes;
        return Server_(atMs, KernelEventType.Recv, (ref KernelEvent e) => e.Bytes = bytes);
    }

    public Conversation ServerSends(double atMs, int bytes, bool acked = true)
    {
        _server.Written += (ulong)bytes;
        if (acked)
        {
            _server.Acked = _server.Written;
            _client.Received = _server.Written;
        }

        return Server_(atMs, KernelEventType.Send, (ref KernelEvent e) => e.Bytes = bytes);
    }

    public Conversation ClientReads(double atMs, int bytes)
    {
        _client.Copied += (ulong)bytes;
        return Client_(atMs, KernelEventType.Recv, (ref KernelEvent e) => e.Bytes = bytes);
    }

    /// <summary>The client's buffer holds all that was sent; its application has not read it yet.</summary>
    public Conversation ClientHasReceivedAll()
    {
        _client.Received = _server.Written;
        return this;
    }

    public Conversation ServerIsAcked(double atMs)
    {
        _server.Acked = _server.Written;
        return Server_(atMs, KernelEventType.Acked);
    }

    public Conversation ClientIsAcked(double atMs)
    {
        _client.Acked = _server.Received = _client.Written;
        return Client_(atMs, KernelEventType.Acked);
    }

    public Conversation ClientRetransmits(double atMs, ulong rangeStart, int bytes) =>
        Client_(atMs, KernelEventType.Retransmit, (ref KernelEvent e) => (e.RangeStart, e.Bytes) = (rangeStart, bytes));

    public Conversation ServerRetransmits(double atMs, ulong rangeStart, int bytes) =>
        Server_(atMs, KernelEventType.Retransmit, (ref KernelEvent e) => (e.RangeStart, e.Bytes) = (rangeStart, bytes));

    public Conversation ClientRetransmitsSyn(double atMs) =>
        Client_(atMs, KernelEventType.Retransmit, (ref KernelEvent e) => e.OldState = e.NewState = TcpState.SynSent);

    /// <summary>The server's host sends its SYN-ACK again: the kernel has no socket for it yet.</summary>
    public Conversation ServerHostRetransmitsSynack(double atMs) => WithoutSocket(atMs, KernelEventType.SynackRetransmit, _server, _client, StreamFlags.None);

    /// <summary>The server's host answers a packet with a reset, where no socket is left to send it.</summary>
    public Conversation ServerHostSendsReset(double atMs) => WithoutSocket(atMs, KernelEventType.ResetSent, _server, _client, StreamFlags.None);

    public Conversation ClientHostDropsItsOwn(double atMs) => WithoutSocket(atMs, KernelEventType.Drop, _client, _server, StreamFlags.Outgoing);

    public Conversation ServerHostDropsItsOwn(double atMs) => WithoutSocket(atMs, KernelEventType.Drop, _server, _client, StreamFlags.Outgoing);

    /// <summary>The server's host drops what came to it.</summary>
    public Conversation ServerHostDrops(double atMs, StreamFlags packet = StreamFlags.None) =>
        WithoutSocket(atMs, KernelEventType.Drop, _server, _client, packet);

    /// <summary>The server closes its socket, having had no FIN of the client: its FIN is sent, and what is left waits in TIME_WAIT.</summary>
    public Conversation ServerClosesFirst(double atMs) => Server_(atMs, KernelEventType.Close, (ref KernelEvent e) => e.Flags = StreamFlags.FinSent);

    /// <summary>From now on the two sockets' smoothed round trip takes so long.</summary>
    public Conversation RoundTripTakes(double ms)
    {
        _client.SrttUs = _server.SrttUs = (uint)(ms * 1000);
        return this;
    }

    public Conversation RwndLimitedFor(double ms)
    {
        _server.WindowClosedNs += Ns(ms);
        return this;
    }

    /// <summary>The client waited so long for room in the server's window.</summary>
    public Conversation ClientIsBlockedFor(double ms)
    {
        _client.WindowClosedNs += Ns(ms);
        return this;
    }

    public Conversation ClientResets(double atMs)
    {
        Client_(atMs, KernelEventType.ResetSent);
        return Server_(atMs, KernelEventType.ResetReceived);
    }

    public Conversation ClientReceivesReset(double atMs) => Client_(atMs, KernelEventType.ResetReceived);

    public Conversation ServerSendsReset(double atMs) => Server_(atMs, KernelEventType.ResetSent);

    public Conversation Close(double atMs) => ClientCloses(atMs).ServerCloses(atMs);

    public Conversation ClientCloses(double atMs) => Client_(atMs, KernelEventType.Close);

    public Conversation ServerCloses(double atMs) => Server_(atMs, KernelEventType.Close);

    public Conversation Loses(double fromMs, double toMs, uint events)
    {
        Events.Add(new KernelEvent { Type = KernelEventType.Lost, SinceNs = Ns(fromMs), TimestampNs = Ns(toMs), LostEvents = events });
        return this;
    }

    /// <summary>One ordinary request of 100 bytes, answered with 500, over a quiet network: 4 ms in all.</summary>
    public Conversation Exchange(double atMs) =>
        ClientSends(atMs, 100).ServerReads(atMs + 1, 100).ServerSends(atMs + 3, 500).ClientReads(atMs + 4, 500);

    /// <summary>A request and its response within 0.1 ms.</summary>
    public Conversation Exchange(double atMs, int request, int response)
    {
        ClientSends(atMs, request).ServerReads(atMs + 0.02, request);
        return response == 0 ? this : ServerSends(atMs + 0.05, response).ClientReads(atMs + 0.07, response);
    }

    public TimedRecord ClientRecord(int id, double startMs, double latencyMs, RequestResult result = RequestResult.Success, int ordinal = 0) =>
        Record(id, RequestRole.Client, Client, Server, startMs, latencyMs, result, ordinal);

    public TimedRecord ServerRecord(int id, double startMs, double latencyMs, RequestResult result = RequestResult.Success, int ordinal = 0) =>
        Record(id, RequestRole.Server, Server, Client, startMs, latencyMs, result, ordinal);

    public static ulong Ns(double ms) => (ulong)(ms * 1e6);

    public static Endpoint End(int port) => new(NetworkAddress.From(IPAddress.Loopback), (ushort)port);

    private static TimedRecord Record(int id, RequestRole role, Endpoint local, Endpoint peer, double startMs, double latencyMs,
        RequestResult result, int ordinal) => new(
        new RequestRecord
        {
            RequestId = RequestId.From(id),
            Role = role,
            Local = local,
            Peer = peer,
            LatencyMs = latencyMs,
            StatusCode = result == RequestResult.Success ? 200 : 0,
            Result = result,
            StartUnixNs = (long)Ns(startMs),
            ConnectionRequest = ordinal == 0 ? null : ordinal,
        },
        (long)Ns(startMs));

    private Conversation Client_(double atMs, KernelEventType type, Change? change = null) => Add(WithClient, _client, atMs, type, change);

    private Conversation Server_(double atMs, KernelEventType type, Change? change = null) => Add(WithServer, _server, atMs, type, change);

    private Conversation Add(bool seen, Side side, double atMs, KernelEventType type, Change? change)
    {
        if (!seen)
            return this;
        var e = new KernelEvent
        {
            Type = type,
            TimestampNs = Ns(atMs),
            SocketCookie = side.Cookie,
            NetnsCookie = 1,
            Role = side.Role,
            Local = side.Local,
            Peer = side.Peer,
            Pid = side.Pid,
            Comm = CommName.From(side.Comm),
            OldState = TcpState.Established,
            NewState = TcpState.Established,
            Written = side.Written,
            Acked = side.Acked,
            Received = side.Received,
            Copied = side.Copied,
            RwndLimitedNs = side.WindowClosedNs,
            SrttUs = side.SrttUs,
        };
        change?.Invoke(ref e);
        Events.Add(e);
        return this;
    }

    private Conversation WithoutSocket(double atMs, KernelEventType type, Side host, Side other, StreamFlags flags)
    {
        Events.Add(new KernelEvent
        {
            Type = type,
            TimestampNs = Ns(atMs),
            NetnsCookie = 1,
            Local = host.Local,
            Peer = other.Local,
            Flags = flags,
        });
        return this;
    }

    private delegate void Change(ref KernelEvent e);

    private sealed class Side(ulong cookie, SocketRole role, Endpoint local, Endpoint peer, uint pid, string comm)
    {
        internal ulong Cookie => cookie;
        internal SocketRole Role { get; set; } = role;
        internal Endpoint Local => local;
        internal Endpoint Peer => peer;
        internal uint Pid => pid;
        internal string Comm => comm;
        internal ulong Written;
        internal ulong Acked;
        internal ulong Received;
        internal ulong Copied;
        internal ulong WindowClosedNs;
        internal uint SrttUs;
    }
}
