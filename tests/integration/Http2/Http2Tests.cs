using System.Collections.Concurrent;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Integration.Tests.Shapes;
using CrossLayer.Probe;
using CrossLayer.Tests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Http2;

/// <summary>HTTP/2 as it is spoken: Kestrel and HttpClient, many requests under way at once on one connection.</summary>
[Collection("shapes")]
public sealed class Http2Tests
{
    private const int Burst = 53;
    private const int Streams = 20;
    private const int MostRuns = 5;
    private const double QuietMs = 300;

    [RequiresKernelFact]
    public Task Concurrent_requests_in_the_clear_share_the_evidence_of_their_connection_and_are_healthy() => ShareTheirConnectionAsync(isTls: false);

    [RequiresKernelFact]
    public Task Concurrent_requests_inside_TLS_share_the_evidence_of_their_connection_and_are_healthy() => ShareTheirConnectionAsync(isTls: true);

    private static async Task ShareTheirConnectionAsync(bool isTls)
    {
        // Several seconds of a machine that has other things to do are no quiet run, and whoever stalls is told so.
        var (events, records) = await RunAsync(isTls);
        for (var i = 0; i < MostRuns && records.Any(record => record.LatencyMs > QuietMs); i++)
            (events, records) = await RunAsync(isTls);
        foreach (var reporters in Enum.GetValues<Reporters>())
        {
            var reported = records.Where(record => reporters.Include(record.Role)).ToList();
            var correlations = await ShapePipeline.RunAsync(events.Select(dated => (dated.Event, dated.UnixNs)), reported, []);
            try
            {
                AssertShared(reporters, reported, correlations);
            }
            catch (Xunit.Sdk.XunitException e)
            {
                throw new Xunit.Sdk.XunitException($"reported by {reporters}: {e.Message}\n"
                    + string.Join('\n', correlations.Select(c => $"{c.RequestId} {c.AppLatencyMs} ms: {c.Match.Method} of {c.Match.Candidates}, "
                        + $"server {c.ServerExchange?.Request} {c.ServerExchange?.Response}, {c.Finding.Verdict} {c.Finding.Cause} {c.Finding.Reason}")), e);
            }
        }
    }

    private static void AssertShared(Reporters reporters, List<RequestRecord> reported, IReadOnlyList<Correlation> correlations)
    {
        Assert.Equal(reported.Select(record => record.RequestId).Distinct().Order(), correlations.Select(correlation => correlation.RequestId).Order());
        var cookies = (Client: reported.Find(record => record.Role == RequestRole.Client)?.SocketCookie,
            Server: reported.Find(record => record.Role == RequestRole.Server)?.SocketCookie);
        Assert.All(correlations, correlation =>
        {
            Assert.Equal((Verdict.Healthy, null), (correlation.Finding.Verdict, correlation.Finding.Cause));
            Assert.Equal((MatchMethod.TupleTime, 0.5), (correlation.Match.Method, correlation.Match.Confidence));
            Assert.Equal((reporters.Include(RequestRole.Client), reporters.Include(RequestRole.Server)),
                (correlation.ClientRecord is not null, correlation.ServerRecord is not null));
            Assert.Equal((true, true), (correlation.ClientExchange?.Shared, correlation.ServerExchange?.Shared));
            Assert.Equal(cookies.Client ?? correlation.ClientExchange!.SocketCookie, correlation.ClientExchange!.SocketCookie);
            Assert.Equal(cookies.Server ?? correlation.ServerExchange!.SocketCookie, correlation.ServerExchange!.SocketCookie);
            // What passed in its time holds its own response at least.
            Assert.True(correlation.ServerExchange.Response.Length > int.Parse((correlation.ServerRecord ?? correlation.ClientRecord)!.Route![1..]));
        });
        Assert.True(correlations.Count(correlation => correlation.Match.Candidates > Burst / 2) > Burst / 2, "requests were not under way at once");
    }

    /// <summary>One request alone, then many at once, then several who ask one after the other, then one alone again.</summary>
    private static async Task<(IReadOnlyList<DatedKernelEvent> Events, IReadOnlyList<RequestRecord> Records)> RunAsync(bool isTls)
    {
        using var certificate = isTls ? SelfSigned.Make() : null;
        var records = new ConcurrentQueue<RequestRecord>();
        await using var server = await Http2Server.StartAsync(certificate, records.Enqueue);
        await using var watch = ShapeWatch.Start((ushort)server.Url.Port);
        using (var client = new Http2Client(server.Url, certificate, records.Enqueue))
        {
            await client.SendAsync(100);
            await Task.WhenAll(Enumerable.Range(1, Burst).Select(i => client.SendAsync(i * 997, ms: i % 3 * 40, requestBytes: i % 5 * 1009)));
            await Task.WhenAll(Enumerable.Range(1, 5).Select(async i =>
            {
                for (var k = 0; k < Streams; k++)
                    await client.SendAsync(10 * i, ms: i);
            }));
            await Task.Delay(1200);
            await client.SendAsync(100);
            Assert.Equal(1, client.Connections);
        }

        await watch.WaitForAsync(events => events.Where(e => e.Type == KernelEventType.Close).Select(e => e.SocketCookie).Distinct().Count() == 2);
        // The server's application reports a request when it has written all of it; the client may have read that before.
        await server.DisposeAsync();
        return (await watch.StopAsync(), [.. records]);
    }
}
