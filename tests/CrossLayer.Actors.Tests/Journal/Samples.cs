using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>Correlations with literal values.</summary>
internal static class Samples
{
    public static Correlation Discrepant(int id, Cause cause = Cause.SilentResponseLoss) => new()
    {
        RequestId = RequestId.From(id),
        ClosedAtNs = 1_000_000L * id,
        Match = new Match(MatchMethod.TupleBytes, 1, 0.98),
        Finding = new Finding { Verdict = Verdict.Discrepant, Cause = cause, Confidence = 0.9, Reason = "Never acknowledged." },
        Ledger = new Ledger { ApplicationMs = 2.5 },
    };

    public static Correlation Healthy(int id) => Discrepant(id) with { Finding = Finding.Healthy };

    public static Correlation Inconclusive(int id) => Discrepant(id) with { Finding = Finding.Inconclusive("Kernel events were lost.") };

    /// <summary>Every field that journals had from the first holds a value of its own; <see cref="Later"/> has the others.</summary>
    public static Correlation Full { get; } = new()
    {
        RequestId = new RequestId("r-1"),
        ClosedAtNs = 101,
        StartUnixNs = 1_700_000_000_000_000_001,
        ClientRecord = new RequestRecord
        {
            RequestId = new RequestId("r-1"),
            LatencyMs = 3.25,
            StatusCode = 200,
            Result = RequestResult.Success,
            Role = RequestRole.Client,
            StartUnixNs = 1_700_000_000_000_000_002,
            Local = Parse("127.0.0.1:40000"),
            Peer = Parse("127.0.0.1:8080"),
            Method = "GET",
            Route = "/orders",
            RequestBytes = 120,
            ResponseBytes = 4096,
            SocketCookie = 77,
            ConnectionRequest = 2,
            ErrorType = "none",
            Service = "shop",
            TraceId = "4bf92f3577b34da6a3ce929d0e0e4736",
            ExpectedSlow = true,
        },
        ServerRecord = new RequestRecord
        {
            RequestId = RequestId.From(9),
            LatencyMs = 2,
            Result = RequestResult.Reset,
            Role = RequestRole.Server,
        },
        ClientExchange = new Exchange
        {
            NetnsCookie = 1,
            SocketCookie = 77,
            Local = Parse("[2001:db8::1]:40000"),
            Peer = Parse("[2001:db8::2]:8080"),
            IsServer = false,
            Ordinal = 2,
            Pid = 4242,
            Comm = "curl",
            Request = new ByteRange(120, 240),
            Response = new ByteRange(4096, 8192),
            ConnectStartNs = 10,
            ConnectEndNs = 11,
            FirstNs = 12,
            RequestStartNs = 13,
            RequestEndNs = 14,
            ResponseStartNs = 15,
            ResponseEndNs = 16,
            AckedNs = 17,
            UnackedBytes = 18,
            UnreadBytes = 19,
            ClosedNs = 20,
            ResetReceivedNs = 21,
            ResetSentNs = 22,
            ConnectError = 111,
            Retransmits = 23,
            SynRetransmits = 24,
            Drops = 25,
            RwndLimitedNs = 26,
            EventCount = 27,
            Complete = true,
            LastNs = 28,
        },
        ServerExchange = new Exchange
        {
            NetnsCookie = 2,
            SocketCookie = 78,
            Local = Parse("127.0.0.1:8080"),
            Peer = Parse("127.0.0.1:40000"),
            IsServer = true,
            Ordinal = 1,
            FirstNs = 30,
            LastNs = 31,
        },
        Match = new Match(MatchMethod.Cookie, 3, 0.75),
        Finding = new Finding
        {
            Verdict = Verdict.Discrepant,
            Cause = Cause.SlowReader,
            BlindLayer = BlindLayer.Application,
            Confidence = 0.5,
            Reason = "The window was closed for 7 ms.",
        },
        DeliveredMs = 9.5,
        Ledger = new Ledger
        {
            ConnectMs = 1,
            RequestMs = 2,
            ApplicationMs = 3,
            ResponseMs = 4,
            RwndLimitedMs = 5,
            RemainderMs = 6,
        },
        EvidenceComplete = true,
    };

    /// <summary>Fields that were added after the first journals were written.</summary>
    public static Correlation Later { get; } = Full with
    {
        ClientRecord = Full.ClientRecord! with { Protocol = "HTTP/1.1", Tls = true, ResolutionMs = 1 },
        ClientExchange = Full.ClientExchange! with
        {
            SndbufLimitedNs = 29,
            RecoveryNs = 30,
            Shared = true,
            FinReceivedNs = 31,
            EgressDrops = 32,
            RepeatedRetransmits = 33,
            IdleNs = 34,
            RttNs = 35,
            LeastRttNs = 36,
            PeerSentReset = false,
            PeerSynackRetransmits = 37,
        },
        Ledger = Full.Ledger with { AcceptWaitMs = 7, SndbufLimitedMs = 8, RecoveryMs = 9, AckWaitMs = 10 },
    };

    private static Endpoint Parse(string text) =>
        Endpoint.TryParse(text, out var endpoint) ? endpoint : throw new ArgumentException(text, nameof(text));
}
