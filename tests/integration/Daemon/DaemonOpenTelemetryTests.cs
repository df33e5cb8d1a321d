using System.Net;
using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Demo;
using CrossLayer.Integration.Tests.Ingest.Otlp;
using CrossLayer.Tests;
using OpenTelemetry.Exporter;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>The daemon beside a web service that OpenTelemetry's SDK traces, with the exporter as it is by default.</summary>
[Collection(TracedShop.Collection)]
public sealed class DaemonOpenTelemetryTests
{
    [RequiresKernelTheory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Traced_requests_are_matched_and_a_response_that_nobody_read_is_found_with_its_trace(OtlpExportProtocol protocol)
    {
        var (source, path) = protocol == OtlpExportProtocol.Grpc ? ("otlp-grpc", "") : ("otlp-http", "v1/traces");
        var otlp = RunningDaemon.FreePort();
        await using var shop = await TracedShop.StartAsync(new Uri($"http://127.0.0.1:{otlp}/{path}"), protocol, clients: false);
        using var program = new CrossLayerProgram();
        // Spans come 5 s after their end at the latest: the exporter's schedule.
        await using var daemon = await RunningDaemon.StartAsync(program, shop.Port, $"ingest.{source}.listen=127.0.0.1:{otlp}", "correlation.lateness=8s");
        var connected = new TaskCompletionSource();
        var stream = daemon.FollowAsync(connected);
        await connected.Task;

        using (var client = new HttpClient())
        {
            for (var i = 0; i < 50; i++)
                await client.GetStringAsync($"http://127.0.0.1:{shop.Port}/orders/{i}");
        }

        var server = new IPEndPoint(IPAddress.Loopback, shop.Port);
        int[] unread = [101, 102, 103];
        foreach (var order in unread)
            await RawClient.CloseUnreadAsync(server, RequestId.From(order), $"/orders/{order}", CancellationToken.None);
        await daemon.WaitForAsync("crosslayer_discrepancies_total", "cause=\"unread_close\"", 3);
        await daemon.WaitForAsync("crosslayer_requests_total", "verdict=\"healthy\"", 50);

        Assert.Equal(50, await daemon.MetricAsync("crosslayer_requests_total", "verdict=\"healthy\""));
        Assert.Equal(53, await daemon.MetricAsync("crosslayer_requests_total"));
        Assert.Equal(3, await daemon.MetricAsync("crosslayer_discrepancies_total"));
        Assert.Equal(53, await daemon.MetricAsync("crosslayer_records_accepted_total", source.Replace('-', '_')));
        Assert.Equal(53, await daemon.MetricAsync("crosslayer_matches_total", "method=\"tuple"));
        Assert.Equal(0, await daemon.MetricAsync("crosslayer_matches_total", "method=\"none\""));
        Assert.Equal(0, await daemon.MetricAsync("crosslayer_kernel_events_lost_total"));
        await daemon.Program.SignalAsync("TERM");
        Assert.Equal(0, await daemon.Program.ExitAsync());
        Assert.Equal(3, (await stream).Distinct().Count());
        var stored = await program.RunAsync("discrepancies", "-o", "json");
        var found = JsonDocument.Parse(stored.Output).RootElement.EnumerateArray().ToList();
        Assert.Equal(await stream, found.Select(one => one.GetProperty("request_id").GetString()));
        Assert.Equal(unread.Select(order => shop.Traces[$"{order}"]), found.Select(one => one.GetProperty("server").GetProperty("record").GetProperty("trace_id").GetString()));
        Assert.All(found, one => Assert.Equal("unread_close", one.GetProperty("cause").GetString()));
    }
}
