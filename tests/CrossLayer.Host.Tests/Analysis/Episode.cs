using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Files;
using CrossLayer.Host.Tests.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>Makes episodes. Their wall clock is 1,000 s ahead of the monotonic one; times are milliseconds on the monotonic one.</summary>
internal static class Episode
{
    public const long Ms = 1_000_000;
    public const long Ahead = 1_000_000 * Ms;

    public static Endpoint Client { get; } = Records.EndpointOf("10.77.1.2:40000");
    public static Endpoint Server { get; } = Records.EndpointOf("10.77.2.2:8080");

    public static EpisodeInput Of(
        IReadOnlyList<RequestRecord>? client = null, IReadOnlyList<RequestRecord>? server = null, IReadOnlyList<DatedKernelEvent>? events = null,
        IReadOnlyList<Correlation>? correlations = null) => new()
        {
            Name = "0000",
            ClientRecords = client ?? [],
            ServerRecords = server ?? [],
            KernelEvents = events ?? [],
            Correlations = correlations ?? [],
            ClientEndCorrelations = [],
            ServerEndCorrelations = [],
        };

    public static RequestRecord Record(string id, double latencyMs, long startMs = 0, string route = "/") => new()
    {
        RequestId = new RequestId(id),
        LatencyMs = latencyMs,
        StatusCode = 200,
        Result = RequestResult.Success,
        StartUnixNs = Unix(startMs),
        Local = Client,
        Peer = Server,
        Route = route,
    };

    public static long Unix(long ms) => (ms * Ms) + Ahead;

    /// <summary>An event at the client's socket, which has the cookie 1.</summary>
    public static DatedKernelEvent AtClient(long ms, KernelEvent e) => Event(ms, e, 1, Client, Server);

    /// <summary>An event at the server's socket, which has the cookie 2.</summary>
    public static DatedKernelEvent AtServer(long ms, KernelEvent e) => Event(ms, e, 2, Server, Client);

    public static Exchange Exchange(long firstMs, long lastMs) => new()
    {
        NetnsCookie = 1,
        SocketCookie = 1,
        Local = Client,
        Peer = Server,
        IsServer = false,
        Ordinal = 1,
        Request = new ByteRange(0, 100),
        Response = new ByteRange(0, 200),
        FirstNs = firstMs * Ms,
        LastNs = lastMs * Ms,
    };

    public static Correlation Correlation(string id, Finding finding, long closedMs) => new()
    {
        RequestId = new RequestId(id),
        ClosedAtNs = closedMs * Ms,
        ClientRecord = Record(id, 10),
        Match = Match.None,
        Finding = finding,
        Ledger = Ledger.Empty,
    };

    public static Finding Discrepant(Cause cause, double confidence) => new() { Verdict = Verdict.Discrepant, Cause = cause, Confidence = confidence };

    private static DatedKernelEvent Event(long ms, KernelEvent e, ulong cookie, Endpoint local, Endpoint peer)
    {
        (e.TimestampNs, e.Local, e.Peer, e.NetnsCookie) = ((ulong)(ms * Ms), local, peer, cookie);
        e.SocketCookie = cookie;
        return new DatedKernelEvent { Event = e, UnixNs = Unix(ms) };
    }
}
