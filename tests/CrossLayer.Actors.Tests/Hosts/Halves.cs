using System.Net;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Hosts;

/// <summary>Both halves of a request from literals: 100 bytes asked, 500 answered. Times are milliseconds of the half's own host.</summary>
internal static class Halves
{
    internal const string ClientHost = "akka.tcp://crosslayer@10.0.0.1:4053#1";
    internal const string ServerHost = "akka.tcp://crosslayer@10.0.0.2:4053#2";

    internal static Endpoint Client { get; } = End("10.0.0.1", 40000);

    internal static Endpoint Server { get; } = End("10.0.0.2", 8080);

    /// <summary>What the client's host knows.</summary>
    internal static RequestHalf OfClient(long atMs, long start = 0, long number = 1, RequestResult result = RequestResult.Success, Func<Exchange, Exchange>? but = null)
    {
        var exchange = new Exchange
        {
            NetnsCookie = 1,
            SocketCookie = 11,
            Local = Client,
            Peer = Server,
            IsServer = false,
            Ordinal = start == 0 ? 1 : 2,
            Request = new ByteRange(start, start + 100),
            Response = new ByteRange(start * 5, (start * 5) + 500),
            ConnectStartNs = start == 0 ? Ns(atMs) - Ns(2) : null,
            ConnectEndNs = start == 0 ? Ns(atMs) - Ns(1) : null,
            FirstNs = Ns(atMs),
            RequestStartNs = Ns(atMs),
            RequestEndNs = Ns(atMs),
            ResponseStartNs = Ns(atMs) + Ns(4),
            ResponseEndNs = Ns(atMs) + Ns(4),
            AckedNs = Ns(atMs) + Ns(2),
            LastNs = Ns(atMs) + Ns(4),
            EventCount = 4,
            Complete = true,
        };
        return Half(number, but?.Invoke(exchange) ?? exchange, Record(RequestRole.Client, atMs, 5, result), ServerHost);
    }

    /// <summary>What the server's host knows; read a millisecond after it was sent, if the clocks were one.</summary>
    internal static RequestHalf OfServer(long atMs, long start = 0, long number = 1, Func<Exchange, Exchange>? but = null)
    {
        var exchange = new Exchange
        {
            NetnsCookie = 2,
            SocketCookie = 22,
            Local = Server,
            Peer = Client,
            IsServer = true,
            Ordinal = start == 0 ? 1 : 2,
            Request = new ByteRange(start, start + 100),
            Response = new ByteRange(start * 5, (start * 5) + 500),
            ConnectEndNs = start == 0 ? Ns(atMs) : null,
            FirstNs = Ns(atMs) + Ns(1),
            RequestStartNs = Ns(atMs) + Ns(1),
            RequestEndNs = Ns(atMs) + Ns(1),
            ResponseStartNs = Ns(atMs) + Ns(2),
            ResponseEndNs = Ns(atMs) + Ns(2),
            AckedNs = Ns(atMs) + Ns(3),
            LastNs = Ns(atMs) + Ns(3),
            EventCount = 4,
            Complete = true,
        };
        return Half(number, but?.Invoke(exchange) ?? exchange, Record(RequestRole.Server, atMs + 1, 1, RequestResult.Success), ClientHost);
    }

    internal static RequestHalf WithoutRecord(this RequestHalf half) => half with { Window = half.Window with { ClientRecord = null, ServerRecord = null, Match = Match.None } };

    internal static long Ns(double ms) => (long)(ms * 1e6);

    private static RequestHalf Half(long number, Exchange exchange, RequestRecord record, string peer)
    {
        var timed = new TimedRecord(record, exchange.FirstNs);
        var match = new Match(MatchMethod.Cookie, 1, 0.999);
        return new RequestHalf(number,
            exchange.IsServer ? new RequestWindow { ServerExchange = exchange, ServerRecord = timed, Match = match } : new RequestWindow { ClientExchange = exchange, ClientRecord = timed, Match = match },
            new CloseWindow(exchange.LastNs + Ns(1500), new Coverage(0, long.MaxValue, []), exchange.IsServer ? Roles.Server : Roles.Client), peer);
    }

    private static RequestRecord Record(RequestRole role, long atMs, double latencyMs, RequestResult result) => new()
    {
        RequestId = new RequestId("a"),
        Role = role,
        Result = result,
        StatusCode = result == RequestResult.Success ? 200 : 0,
        LatencyMs = latencyMs,
        StartUnixNs = 1_800_000_000_000_000_000 + Ns(atMs),
        Local = role == RequestRole.Client ? Client : Server,
        Peer = role == RequestRole.Client ? Server : Client,
    };

    private static Endpoint End(string address, int port) => Endpoint.From(new IPEndPoint(IPAddress.Parse(address), port));
}
