using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Tests.Correlations;

public class LedgerBuilderTests
{
    private static readonly Exchange Client = new()
    {
        NetnsCookie = 1,
        SocketCookie = Conversation.ClientCookie,
        Local = Conversation.End(40000),
        Peer = Conversation.End(8080),
        IsServer = false,
        Ordinal = 1,
        ConnectStartNs = Ms(0),
        ConnectEndNs = Ms(10),
        FirstNs = Ms(0),
        RequestStartNs = Ms(12),
        RequestEndNs = Ms(12),
        ResponseStartNs = Ms(300),
        ResponseEndNs = Ms(400),
        LastNs = Ms(400),
    };

    private static readonly Exchange Server = Client with
    {
        SocketCookie = Conversation.ServerCookie,
        Local = Conversation.End(8080),
        Peer = Conversation.End(40000),
        IsServer = true,
        ConnectStartNs = null,
        ConnectEndNs = Ms(11),
        RequestStartNs = Ms(15),
        RequestEndNs = Ms(20),
        ResponseStartNs = Ms(120),
        ResponseEndNs = Ms(250),
    };

    [Fact]
    public void The_parts_add_up_to_the_clients_latency()
    {
        var ledger = Build(Client, Server with { RwndLimitedNs = Ms(30), SndbufLimitedNs = Ms(20), RecoveryNs = Ms(100) }, latencyMs: 402);

        Assert.Equal(new Ledger
        {
            ConnectMs = 10,
            AcceptWaitMs = 3,
            RequestMs = 5,
            ApplicationMs = 100,
            ResponseMs = 0,
            RwndLimitedMs = 30,
            SndbufLimitedMs = 20,
            RecoveryMs = 100,
            AckWaitMs = 130,
            RemainderMs = 4,
        }, ledger);
        Assert.Equal(402, Sum(ledger), 1e-6);
    }

    [Fact]
    public void What_held_up_the_sender_is_never_more_than_the_time_it_sent()
    {
        var ledger = Build(Client, Server with { RwndLimitedNs = Ms(1000), SndbufLimitedNs = Ms(1000), RecoveryNs = Ms(1000) }, latencyMs: 402);

        Assert.Equal((280, 0, 0), (ledger.RwndLimitedMs, ledger.SndbufLimitedMs, ledger.RecoveryMs));
        Assert.Equal(402, Sum(ledger), 1e-6);
    }

    [Fact]
    public void What_held_up_a_clients_upload_is_taken_from_the_request()
    {
        var ledger = Build(Client with { RecoveryNs = Ms(4) }, Server, latencyMs: 402);

        Assert.Equal((1, 4), (ledger.RequestMs, ledger.RecoveryMs));
        Assert.Equal(402, Sum(ledger), 1e-6);
    }

    [Fact]
    public void A_response_before_the_requests_end_makes_no_part_negative()
    {
        // The rest of the upload is read away long after the client has its answer.
        var ledger = Build(
            Client with { ResponseStartNs = Ms(25), ResponseEndNs = Ms(26) },
            Server with { RequestEndNs = Ms(90), ResponseStartNs = Ms(22), ResponseEndNs = Ms(23) }, latencyMs: 27);

        Assert.All(Parts(ledger), part => Assert.InRange(part, 0, 27));
        Assert.Equal(27, Sum(ledger), 1e-6);
    }

    private static Ledger Build(Exchange client, Exchange server, double latencyMs) => LedgerBuilder.Build(RequestWindow.Empty with
    {
        ClientRecord = new Conversation().ClientRecord(1, -1, latencyMs),
        ClientExchange = client,
        ServerExchange = server,
    });

    private static IEnumerable<double> Parts(Ledger l) => new[]
    {
        l.ConnectMs, l.AcceptWaitMs, l.RequestMs, l.ApplicationMs, l.ResponseMs, l.SndbufLimitedMs, l.RwndLimitedMs, l.RecoveryMs, l.AckWaitMs, l.RemainderMs,
    }.Select(part => part ?? 0);

    private static double Sum(Ledger ledger) => Parts(ledger).Sum();

    private static long Ms(double ms) => (long)(ms * 1e6);
}
