using System.Net;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Loading;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Demo;

/// <summary>The demo's traffic: ordinary requests on a kept-alive connection, and four faults among them.</summary>
internal sealed class DemoScenario(Uri server, int refusedPort, int requests)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReaderPause = TimeSpan.FromMilliseconds(1500);

    /// <summary>What is injected, and the cause that should be found for it.</summary>
    public static readonly IReadOnlyList<(RequestId Id, Cause Cause, string What)> Faults =
    [
        (new RequestId("unread-response"), Cause.UnreadClose, "a client that closes before it reads the response"),
        (new RequestId("slow-handler"), Cause.SlowHandler, "a handler that takes 700 ms"),
        (new RequestId("refused"), Cause.NoListener, "a connection to a port where nobody listens"),
        (new RequestId("stalled-reader"), Cause.SlowReader, "a client that stops reading for 1.5 s"),
    ];

    private static readonly string[] Paths = ["/", "/bytes/1000", "/bytes/50000", "/health", "/bytes/200"];

    private readonly IPEndPoint _endpoint = new(IPAddress.Parse(server.Host), server.Port);

    /// <summary>Requests and faults together.</summary>
    public int Steps => requests + Faults.Count;

    /// <summary>Sends everything, one after the other, the faults spread evenly among the ordinary requests.</summary>
    /// <param name="report">Receives what the clients' applications report.</param>
    /// <param name="progress">Receives the number of steps done.</param>
    /// <param name="cancellation">Stops before the next step.</param>
    public async Task RunAsync(Func<RequestRecord, Task> report, Action<int> progress, CancellationToken cancellation)
    {
        using var client = new LoadClient(RequestTimeout, service: "demo-client");
        var done = 0;
        for (var i = 0; i < requests; i++)
        {
            foreach (var fault in Enumerable.Range(0, Faults.Count).Where(fault => requests * (fault + 1) / (Faults.Count + 1) == i))
            {
                await InjectAsync(client, Faults[fault].Id, report, cancellation);
                progress(++done);
            }

            cancellation.ThrowIfCancellationRequested();
            await report(await client.SendAsync(
                RequestId.From(i + 1), HttpMethod.Get, new Uri(server, Paths[i % Paths.Length]), cancellation: cancellation));
            progress(++done);
            await Task.Delay(Pace, cancellation);
        }
    }

    /// <summary>One request that nobody looks at: what is compiled at its first use would make the first one that counts slow.</summary>
    public static async Task WarmUpAsync(CancellationToken cancellation)
    {
        await using var idle = await HttpServer.StartAsync(new HttpServerOptions { Service = "warm-up" }, _ => ValueTask.CompletedTask, cancellation);
        using var client = new LoadClient(RequestTimeout, service: "warm-up");
        await client.SendAsync(RequestId.From(0), HttpMethod.Get, new Uri(idle.Url, Paths[0]), cancellation: cancellation);
    }

    private async Task InjectAsync(LoadClient client, RequestId id, Func<RequestRecord, Task> report, CancellationToken cancellation)
    {
        switch (id.Text)
        {
            case "unread-response":
                await RawClient.CloseUnreadAsync(_endpoint, id, "/bytes/20000", cancellation);
                break;
            case "slow-handler":
                await report(await client.SendAsync(id, HttpMethod.Get, new Uri(server, "/slow?ms=700"), cancellation: cancellation));
                break;
            case "refused":
                var nobody = new UriBuilder(server) { Port = refusedPort }.Uri;
                await report(await client.SendAsync(id, HttpMethod.Get, nobody, cancellation: cancellation));
                break;
            case "stalled-reader":
                await report(await RawClient.StallAsync(_endpoint, id, "/bytes/3000000", ReaderPause, cancellation));
                break;
            default:
                throw new ArgumentException($"no fault is named '{id}'", nameof(id));
        }
    }
}
