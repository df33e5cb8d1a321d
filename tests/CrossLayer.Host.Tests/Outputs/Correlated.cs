using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Tests.Files;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>Correlations as the graph gives them.</summary>
internal static class Correlated
{
    public const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    public static Correlation Healthy(int id, string? service = "shop", string? route = "/orders", double latencyMs = 12) => new()
    {
        RequestId = RequestId.From(id),
        ClosedAtNs = id,
        StartUnixNs = 1_700_000_000_000_000_000 + id * 1_000_000L,
        ServerRecord = Server(id, service, route, latencyMs),
        Match = new Match(MatchMethod.TupleBytes, 1, 0.98),
        Finding = Finding.Healthy,
        Ledger = new Ledger { ApplicationMs = 10, RecoveryMs = 1.5 },
        DeliveredMs = 14,
        EvidenceComplete = true,
    };

    public static Correlation Discrepant(int id, Cause cause = Cause.PathLoss, string? service = "shop") => Healthy(id, service) with
    {
        Finding = new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = cause,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.9,
            Reason = "2 segments were sent again.",
        },
    };

    public static Correlation BothSides(int id) => Discrepant(id) with
    {
        ClientRecord = Server(id, "web", "/checkout", 31) with { Role = RequestRole.Client, Result = RequestResult.Timeout },
        ServerExchange = new Exchange
        {
            NetnsCookie = 1,
            SocketCookie = 2,
            Local = Records.EndpointOf("127.0.0.1:8080"),
            Peer = Records.EndpointOf("127.0.0.1:40000"),
            IsServer = true,
            Ordinal = 1,
            FirstNs = KernelClock.MonotonicNs() - 3_000_000_000,
            LastNs = KernelClock.MonotonicNs() - 2_000_000_000,
        },
    };

    public static CorrelationBatch Batch(params IReadOnlyList<Correlation> correlations) => new(
        correlations, KernelClock.MonotonicNs() - 1_500_000_000,
        new PipelineCounters(3, 1, 2, 4, 5, 6, 7) { Sockets = 8, WaitingConnections = 2 });

    private static RequestRecord Server(int id, string? service, string? route, double latencyMs) => new()
    {
        RequestId = RequestId.From(id),
        LatencyMs = latencyMs,
        StatusCode = 200,
        Result = RequestResult.Success,
        Role = RequestRole.Server,
        StartUnixNs = 1_700_000_000_000_000_000 + id * 1_000_000L,
        Local = Records.EndpointOf("127.0.0.1:8080"),
        Peer = Records.EndpointOf("127.0.0.1:40000"),
        Method = "GET",
        Route = route,
        Service = service,
        TraceId = TraceId,
    };
}
