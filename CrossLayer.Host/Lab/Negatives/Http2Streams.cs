using System.Diagnostics;
using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Lab.Traffic;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>Requests that are under way at once on one connection (RFC 9113): none has bytes there that were its own.</summary>
internal sealed class Http2Streams : OddTraffic
{
    private static readonly int[] Bytes = [100, 70_000, 3_000, 20_000, 500, 40_000, 1_000, 8_000];

    /// <inheritdoc/>
    public override string Name => "http2";

    /// <inheritdoc/>
    protected override string What => "a connection with eight requests at once, and eight again";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        // Its connection is the first request's; all of them are on it.
        var connection = new RequestInFlight(CancellationToken.None);
        using var handler = client.NewHandler(connection);
        using var invoker = new HttpMessageInvoker(handler);
        await AskAsync(client, invoker, connection, 100);
        for (var round = 0; round < 2; round++)
            await Task.WhenAll(Bytes.Select(bytes => AskAsync(client, invoker, connection, bytes)));
        return 2;
    }

    private static async Task AskAsync(LabClient client, HttpMessageInvoker invoker, RequestInFlight connection, int bytes)
    {
        var id = LabClient.NewId();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(client.Http2Server, $"/signed/{bytes}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.TryAddWithoutValidation(ServedRequestId.Header, id.Text);
        using var patience = new CancellationTokenSource(LabClient.RequestTimeout);
        var (startUnixNs, started) = (UnixTime.NowNs(), Stopwatch.GetTimestamp());
        using var response = await invoker.SendAsync(request, patience.Token);
        await using var sink = new CheckingStream(id.Text, bytes, TimeSpan.Zero);
        await response.Content.CopyToAsync(sink, patience.Token);
        var latency = Stopwatch.GetElapsedTime(started);
        var trace = connection.Trace() with { Ordinal = null, RequestBytes = null, ResponseBytes = null };
        client.Oracle.Add(new SentRequest(
            new RequestRecord
            {
                RequestId = id,
                LatencyMs = latency.TotalMilliseconds,
                StatusCode = (int)response.StatusCode,
                Result = RequestResult.Success,
                Role = RequestRole.Client,
                StartUnixNs = startUnixNs,
                Local = trace.Connection?.Local,
                Peer = trace.Connection?.Peer,
                Method = request.Method.Method,
                Route = request.RequestUri!.AbsolutePath,
                SocketCookie = trace.Connection?.Cookie,
                Protocol = $"HTTP/{response.Version}",
                Service = "client",
            },
            trace, sink.Outcome, false));
    }
}
