using System.Diagnostics;
using System.Net.WebSockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>A WebSocket that is open for a second and talks now and then: one request, that ends with its connection.</summary>
internal sealed class WebSockets : OddTraffic
{
    private const int Messages = 10;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public override string Name => "web_socket";

    /// <inheritdoc/>
    public override TimeSpan Hold => TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override string What => "a WebSocket, with ten messages and their echoes in a second";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        var id = LabClient.NewId();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var inFlight = RequestInFlight.Current = new RequestInFlight(patience.Token);
        using var handler = client.NewHandler(inFlight);
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader(ServedRequestId.Header, id.Text);
        socket.Options.CollectHttpResponseDetails = true;
        var (startUnixNs, started) = (UnixTime.NowNs(), Stopwatch.GetTimestamp());
        await socket.ConnectAsync(new UriBuilder(client.At("/echo")) { Scheme = "ws" }.Uri, invoker, patience.Token);
        var echoed = 0;
        for (var i = 0; i < Messages; i++)
        {
            await Task.Delay(Between, patience.Token);
            echoed += await EchoAsync(socket, 40 + 100 * i, patience.Token) ? 1 : 0;
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        var trace = inFlight.Trace();
        client.Oracle.Add(new SentRequest(
            new RequestRecord
            {
                RequestId = id,
                LatencyMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds,
                StatusCode = (int)socket.HttpStatusCode,
                Result = RequestResult.Success,
                Role = RequestRole.Client,
                StartUnixNs = startUnixNs,
                Local = trace.Connection?.Local,
                Peer = trace.Connection?.Peer,
                Method = HttpMethod.Get.Method,
                Route = "/echo",
                RequestBytes = trace.RequestBytes,
                ResponseBytes = trace.ResponseBytes,
                SocketCookie = trace.Connection?.Cookie,
                ConnectionRequest = trace.Ordinal,
                Service = "client",
            },
            trace, echoed == Messages ? Outcome.AsMeant : Outcome.Wrong, false));
        return echoed == Messages ? 1 : 0;
    }

    private static async Task<bool> EchoAsync(ClientWebSocket socket, int bytes, CancellationToken cancellation)
    {
        var (sent, received) = (new byte[bytes], new byte[bytes]);
        Random.Shared.NextBytes(sent);
        await socket.SendAsync(sent.AsMemory(), WebSocketMessageType.Binary, true, cancellation);
        for (var at = 0; at < bytes;)
            at += (await socket.ReceiveAsync(received.AsMemory(at), cancellation)).Count;
        return received.AsSpan().SequenceEqual(sent);
    }
}
