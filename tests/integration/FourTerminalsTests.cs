using System.Text.Json;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests;

public class FourTerminalsTests
{
    private const int Requests = 53;

    [RequiresKernelFact]
    public async Task Every_one_of_a_prime_number_of_requests_is_traced_matched_and_healthy()
    {
        using var program = new CrossLayerProgram();
        await using var serve = await program.StartAsync(@"listening on (http://127\.0\.0\.1:(\d+))", "serve", "--port", "0");
        var (url, port) = (serve.Ready.Groups[1].Value, serve.Ready.Groups[2].Value);
        await using var probe = await program.StartAsync("probing port", "probe", "--port", port);

        var load = await program.RunAsync("load", "--url", $"{url}/bytes/1009", "--requests", $"{Requests}", "--interval", "5");
        Assert.True(load.ExitCode == 0, load.Error);
        Assert.Equal(0, await probe.InterruptAsync());
        Assert.Equal(0, await serve.InterruptAsync());

        var correlate = await program.RunAsync("correlate", "--app-metrics", "results/client_metrics.json", "--app-metrics",
            "results/server_metrics.json", "--ebpf-events", "results/ebpf_events.json");
        Assert.True(correlate.ExitCode == 0, correlate.Error);
        var correlations = program.Json("results", "correlations.json").GetProperty("correlations").EnumerateArray().ToList();
        Assert.Equal(Requests, correlations.Count);
        Assert.All(correlations, c =>
        {
            Assert.Equal("healthy", c.GetProperty("verdict").GetString());
            Assert.Equal("cookie", c.GetProperty("match").GetProperty("method").GetString());
            Assert.True(c.GetProperty("evidence_complete").GetBoolean());
            Assert.True(c.GetProperty("delivered_ms").GetDouble() > 0);
            // Both applications and both sockets, and they agree on the bytes.
            var bytes = c.GetProperty("client").GetProperty("record").GetProperty("response_bytes").GetInt64();
            foreach (var exchange in new[] { c.GetProperty("client").GetProperty("exchange"), c.GetProperty("server").GetProperty("exchange") })
                Assert.Equal(bytes, exchange.GetProperty("response").GetProperty("end").GetInt64() - exchange.GetProperty("response").GetProperty("start").GetInt64());
        });
        Assert.DoesNotContain(program.Json("results", "ebpf_events.json").EnumerateArray(), e => e.GetProperty("event_type").GetString() == "lost");
    }

    [RequiresKernelFact]
    public async Task Curl_shows_up_with_its_tuple_bytes_and_pid()
    {
        using var program = new CrossLayerProgram();
        await using var serve = await program.StartAsync(@"listening on http://127\.0\.0\.1:(\d+)", "serve", "--port", "0");
        var port = serve.Ready.Groups[1].Value;
        await using var probe = await program.StartAsync("probing port", "probe", "--port", port);

        var curl = await program.RunAsync("curl", ["-sS", "-o", "body", "-w", "%{local_port} %{size_request} %{size_header} %{size_download}", $"http://127.0.0.1:{port}/bytes/10007"]);
        Assert.True(curl.ExitCode == 0, curl.Error);
        Assert.Equal(0, await probe.InterruptAsync());

        var told = curl.Output.Split(' ').Select(int.Parse).ToArray();
        var events = program.Json("results", "ebpf_events.json").EnumerateArray().ToList();
        var client = events.Where(e => Text(e, "role") == "active").ToList();
        Assert.All(client, e => Assert.Equal(($"127.0.0.1:{told[0]}", $"127.0.0.1:{port}"), (Text(e, "local_endpoint"), Text(e, "peer_endpoint"))));
        Assert.All(client, e => Assert.Equal("curl", Text(e, "comm")));
        Assert.Equal(told[1], Bytes(client, "send"));
        Assert.Equal(told[2] + told[3], Bytes(client, "recv"));
        var server = events.Where(e => Text(e, "role") == "passive" && Text(e, "event_type") == "send").ToList();
        Assert.All(server, e => Assert.Equal(serve.ProcessId, e.GetProperty("pid").GetInt32()));
        Assert.Equal(told[2] + told[3], Bytes(server, "send"));
    }

    [Fact]
    public async Task Bad_input_is_named_in_one_line_with_exit_code_2()
    {
        using var program = new CrossLayerProgram();
        await File.WriteAllTextAsync(program.FileIn("events.json"), """[{"timestamp_ns": 1, "event_type": "nonsense"}]""");
        await File.WriteAllTextAsync(program.FileIn("metrics.json"), """[{"request_id": 1, "latency_ms": 2, "status_code": 200, "result": "success"}]""");

        var nonsense = await program.RunAsync("correlate", "--app-metrics", "metrics.json", "--ebpf-events", "events.json");
        var missing = await program.RunAsync("correlate", "--app-metrics", "metrics.json", "--ebpf-events", "nowhere.json");
        var notANumber = await program.RunAsync("probe", "--port", "http");

        Assert.Equal((2, 2, 2), (nonsense.ExitCode, missing.ExitCode, notANumber.ExitCode));
        Assert.Contains("nonsense", Assert.Single(nonsense.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("nowhere.json", Assert.Single(missing.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("--port is 'http'", Assert.Single(notANumber.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private static long Bytes(IEnumerable<JsonElement> events, string type) =>
        events.Where(e => Text(e, "event_type") == type).Sum(e => Math.Max(0, e.GetProperty("bytes").GetInt64()));

    private static string? Text(JsonElement e, string property) => e.GetProperty(property).GetString();
}
