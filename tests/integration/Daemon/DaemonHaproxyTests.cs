using System.Net;
using System.Text.Json;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Demo;
using CrossLayer.Integration.Tests.AccessLogs;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>The daemon beside a real HAProxy in front of a real nginx; curl asks.</summary>
public sealed class DaemonHaproxyTests
{
    [RequiresKernelFact("haproxy", "nginx", "curl")]
    public async Task Requests_of_curl_are_matched_and_a_response_that_nobody_read_is_found_in_metrics_stream_and_journal()
    {
        using var program = new CrossLayerProgram();
        await using var nginx = await Nginx.StartAsync(program.Folder, "location = /short { return 200 \"short\\n\"; }");
        var (port, log) = (RunningDaemon.FreePort(), program.FileIn("haproxy.log"));
        await using var haproxy = await Haproxy.StartAsync(program, port, log, $"""
                default_backend ordinary
            backend ordinary
                server nginx 127.0.0.1:{nginx.Port}
            """);
        await using var daemon = await RunningDaemon.StartAsync(program, port, $"ingest.access-logs=[{{ path = \"{log}\", format = haproxy }}]");
        var connected = new TaskCompletionSource();
        var stream = daemon.FollowAsync(connected);
        await connected.Task;

        // Ten on each connection.
        for (var i = 0; i < 5; i++)
        {
            var curl = await program.RunAsync("curl", ["-sS", "--fail", .. Enumerable.Range(0, 10).SelectMany(_ => new[] { "-o", "body", $"http://127.0.0.1:{port}/short" })]);
            Assert.True(curl.ExitCode == 0, curl.Error);
        }

        var server = new IPEndPoint(IPAddress.Loopback, port);
        for (var i = 0; i < 3; i++)
            await RawClient.CloseUnreadAsync(server, RequestId.From(i), "/short", CancellationToken.None);
        await daemon.WaitForAsync("crosslayer_discrepancies_total", "cause=\"unread_close\"", 3);
        await daemon.WaitForAsync("crosslayer_requests_total", "verdict=\"healthy\"", 50);

        Assert.Equal(50, await daemon.MetricAsync("crosslayer_requests_total", "verdict=\"healthy\""));
        Assert.Equal(53, await daemon.MetricAsync("crosslayer_requests_total"));
        Assert.Equal(3, await daemon.MetricAsync("crosslayer_discrepancies_total"));
        Assert.Equal(53, await daemon.MetricAsync("crosslayer_records_accepted_total", "access_log"));
        Assert.Equal(53, await daemon.MetricAsync("crosslayer_matches_total", "method=\"tuple+order\""));
        Assert.Equal(53, await daemon.MetricAsync("crosslayer_matches_total"));
        Assert.Equal(0, await daemon.MetricAsync("crosslayer_kernel_events_lost_total"));
        await daemon.Program.SignalAsync("TERM");
        Assert.Equal(0, await daemon.Program.ExitAsync());
        var told = await stream;
        Assert.Equal(3, told.Distinct().Count());
        var stored = await program.RunAsync("discrepancies", "-o", "json");
        var found = JsonDocument.Parse(stored.Output).RootElement.EnumerateArray().ToList();
        Assert.Equal(told, found.Select(one => one.GetProperty("request_id").GetString()));
        Assert.All(found, one => Assert.Equal("unread_close", one.GetProperty("cause").GetString()));
    }
}
