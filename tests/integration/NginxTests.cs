using System.Text.Json;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests;

public class NginxTests
{
    private const string Form = "a form of a few bytes";

    private const string Locations = """
        location = /short { return 200 "short\n"; }
        location = /long { return 200 "a somewhat longer answer than the short one, so that the two differ in their bytes\n"; }
        location = /gone { return 404 "no such thing\n"; }
        """;

    [RequiresKernelFact("nginx", "curl")]
    public async Task Every_line_of_a_prime_number_of_curls_requests_is_matched_and_healthy()
    {
        using var program = new CrossLayerProgram();
        await using var nginx = await Nginx.StartAsync(program.Folder, Locations);
        await File.WriteAllBytesAsync(program.FileIn("html", "file.bin"), new byte[100_003]);
        await using var probe = await program.StartAsync("probing port", "probe", "--port", $"{nginx.Port}");

        // Ten connections: the first with 13 requests kept alive, nine with one each; and one more that asks by POST, and for what
        // is no UTF-8.
        string[] paths = ["/short", "/long", "/file.bin", "/gone", "/short?user=1", "/file.bin"];
        string[] kept = [.. Enumerable.Range(0, 13).SelectMany(i => new[] { "-o", "body", nginx.Url + paths[i % paths.Length] })];
        await CurlAsync(program, kept);
        foreach (var i in Enumerable.Range(0, 9))
            await CurlAsync(program, "-o", "body", nginx.Url + paths[i % paths.Length]);
        await CurlAsync(program, "-o", "body", "-d", Form, nginx.Url + "/gone/%ff%22%0a");
        var correlations = await CorrelateAsync(program, nginx, probe);

        Assert.Equal(23, correlations.Count);
        Assert.All(correlations, c =>
        {
            Assert.NotEqual("none", Method(c));
            Assert.Equal("healthy", c.GetProperty("verdict").GetString());
            Assert.True(HasTheConnectionOfItsRecord(c));
            var record = c.GetProperty("server").GetProperty("record");
            // nginx does not count a request's body that it throws away unread.
            var thrownAway = record.GetProperty("method").GetString() == "POST" ? Form.Length : 0;
            Assert.Equal(Length(c, "request") - thrownAway, record.GetProperty("request_bytes").GetInt64());
            Assert.Equal(Length(c, "response"), record.GetProperty("response_bytes").GetInt64());
            Assert.DoesNotContain("user", record.GetProperty("route").GetString(), StringComparison.Ordinal);
        });
        Assert.Single(correlations, c => c.GetProperty("server").GetProperty("record").GetProperty("route").GetString() == "/gone/\uFFFD\"\n");
    }

    [RequiresKernelFact("nginx", "curl")]
    public async Task Inside_TLS_every_line_is_matched_by_order_since_its_bytes_are_not_those_of_the_connection()
    {
        using var program = new CrossLayerProgram();
        await using var nginx = await Nginx.StartAsync(program.Folder, Locations, tls: true);
        await File.WriteAllBytesAsync(program.FileIn("html", "file.bin"), new byte[100_003]);
        await using var probe = await program.StartAsync("probing port", "probe", "--port", $"{nginx.Port}");

        string[] paths = ["/short", "/long", "/file.bin", "/gone", "/short?user=1", "/file.bin"];
        string[] kept = [.. Enumerable.Range(0, 13).SelectMany(i => new[] { "-o", "body", nginx.Url + paths[i % paths.Length] })];
        await CurlAsync(program, ["-k", "--http1.1", .. kept]);
        foreach (var i in Enumerable.Range(0, 9))
            await CurlAsync(program, "-k", "--http1.1", "-o", "body", nginx.Url + paths[i % paths.Length]);
        var (correlations, all) = await CorrelateAllAsync(program, nginx, probe);

        Assert.Equal(22, correlations.Count);
        Assert.DoesNotContain(all, c => c.GetProperty("discrepancy_detected").GetBoolean());
        Assert.All(correlations, c =>
        {
            Assert.Equal("tuple+order", Method(c));
            Assert.Equal("healthy", c.GetProperty("verdict").GetString());
            Assert.True(HasTheConnectionOfItsRecord(c));
            var record = c.GetProperty("server").GetProperty("record");
            Assert.True(record.GetProperty("tls").GetBoolean());
            // Encrypted, both are longer by a little for each TLS record; the end of the handshake comes with the first.
            Assert.InRange(Length(c, "request") - record.GetProperty("request_bytes").GetInt64(), 1, 160);
            Assert.InRange(Length(c, "response") - record.GetProperty("response_bytes").GetInt64(), 1, 1024 + (record.GetProperty("response_bytes").GetInt64() / 100));
            // curl waits for each answer; its handshake takes a turn, or two where its end is answered before it asks.
            Assert.InRange(c.GetProperty("server").GetProperty("exchange").GetProperty("ordinal").GetInt32() - record.GetProperty("connection_request").GetInt32(), 1, 2);
        });
    }

    [RequiresKernelFact("nginx", "curl")]
    public async Task Inside_TLS_the_lines_of_HTTP_2_share_the_evidence_of_their_connection()
    {
        using var program = new CrossLayerProgram();
        await using var nginx = await Nginx.StartAsync(program.Folder, Locations, tls: true);
        await File.WriteAllBytesAsync(program.FileIn("html", "file.bin"), new byte[100_003]);
        await using var probe = await program.StartAsync("probing port", "probe", "--port", $"{nginx.Port}");

        string[] paths = ["/short", "/long", "/file.bin", "/gone"];
        string[] kept = [.. Enumerable.Range(0, 13).SelectMany(i => new[] { "-o", $"body{i}", nginx.Url + paths[i % paths.Length] })];
        await CurlAsync(program, ["-k", "--http2", "--parallel", .. kept]);
        await CurlAsync(program, ["-k", "--http2", .. kept]);
        var (correlations, all) = await CorrelateAllAsync(program, nginx, probe);

        Assert.Equal(26, correlations.Count);
        Assert.DoesNotContain(all, c => c.GetProperty("discrepancy_detected").GetBoolean());
        Assert.All(correlations, c =>
        {
            Assert.Equal("HTTP/2.0", c.GetProperty("server").GetProperty("record").GetProperty("protocol").GetString());
            Assert.Equal("healthy", c.GetProperty("verdict").GetString());
            Assert.Equal("tuple+time", Method(c));
            Assert.Equal(0.5, c.GetProperty("match").GetProperty("confidence").GetDouble());
            Assert.True(c.GetProperty("server").GetProperty("exchange").GetProperty("shared").GetBoolean());
            Assert.True(HasTheConnectionOfItsRecord(c));
        });
    }

    [RequiresKernelFact("nginx", "wrk")]
    public async Task Of_wrks_complete_requests_99_5_percent_are_matched_and_none_to_another_connection_or_exchange()
    {
        using var program = new CrossLayerProgram();
        await using var nginx = await Nginx.StartAsync(program.Folder, Locations);
        await using var probe = await program.StartAsync("probing port", "probe", "--port", $"{nginx.Port}");

        var wrk = await program.RunAsync("wrk", ["-t1", "-c8", "-d2s", $"{nginx.Url}/short"]);
        Assert.True(wrk.ExitCode == 0, wrk.Error);
        var correlations = await CorrelateAsync(program, nginx, probe);

        var complete = File.ReadLines(nginx.AccessLog).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("request_completion").GetString() == "OK")
            .Select(line => line.GetProperty("request_id").GetString()!).ToHashSet(StringComparer.Ordinal);
        var matched = correlations.Where(c => complete.Contains(c.GetProperty("request_id").ToString()) && Method(c) != "none").ToList();
        Assert.True(complete.Count > 1000, $"wrk got {complete.Count} answers\n{wrk.Output}");
        Assert.Equal(0, matched.Count(c => !HasTheConnectionOfItsRecord(c)));
        // wrk waits for each answer before it asks again: the n-th line of a connection is its n-th exchange.
        Assert.Equal(0, matched.Count(c => !HasTheExchangeOfItsRecord(c)));
        Assert.True(matched.Count >= 0.995 * complete.Count,
            $"{matched.Count} of {complete.Count} complete requests are matched\n{program.Json("results", "correlations.json").GetProperty("summary")}");
    }

    private static async Task CurlAsync(CrossLayerProgram program, params string[] arguments)
    {
        var curl = await program.RunAsync("curl", ["-sS", .. arguments]);
        Assert.True(curl.ExitCode == 0, curl.Error);
    }

    /// <summary>Stops nginx and the probe, and gives the correlations of the log's lines.</summary>
    private static async Task<List<JsonElement>> CorrelateAsync(CrossLayerProgram program, Nginx nginx, RunningProgram probe) =>
        (await CorrelateAllAsync(program, nginx, probe)).OfLines;

    /// <summary>Those of the log's lines, and all there are.</summary>
    private static async Task<(List<JsonElement> OfLines, List<JsonElement> All)> CorrelateAllAsync(
        CrossLayerProgram program, Nginx nginx, RunningProgram probe)
    {
        Assert.Equal(0, await probe.InterruptAsync());
        Assert.Equal(0, await nginx.StopAsync());
        var correlate = await program.RunAsync("correlate", "--app-metrics", nginx.AccessLog, "--format", "nginx",
            "--ebpf-events", "results/ebpf_events.jsonl");
        Assert.True(correlate.ExitCode == 0, correlate.Error);
        Assert.DoesNotContain("unknown fields", correlate.Error, StringComparison.Ordinal);
        var all = program.Json("results", "correlations.json").GetProperty("correlations").EnumerateArray().ToList();
        return (all.FindAll(c => Given(c.GetProperty("server"), "record") is not null), all);
    }

    private static string? Method(JsonElement correlation) => correlation.GetProperty("match").GetProperty("method").GetString();

    private static long Length(JsonElement correlation, string stream)
    {
        var range = correlation.GetProperty("server").GetProperty("exchange").GetProperty(stream);
        return range.GetProperty("end").GetInt64() - range.GetProperty("start").GetInt64();
    }

    private static bool HasTheConnectionOfItsRecord(JsonElement correlation)
    {
        var server = correlation.GetProperty("server");
        var record = server.GetProperty("record");
        return Given(server, "exchange") is { } exchange
            && exchange.GetProperty("local_endpoint").GetString() == record.GetProperty("local_endpoint").GetString()
            && exchange.GetProperty("peer_endpoint").GetString() == record.GetProperty("peer_endpoint").GetString();
    }

    private static bool HasTheExchangeOfItsRecord(JsonElement correlation)
    {
        var server = correlation.GetProperty("server");
        return server.GetProperty("exchange").GetProperty("ordinal").GetInt32() == server.GetProperty("record").GetProperty("connection_request").GetInt32();
    }

    private static JsonElement? Given(JsonElement e, string property) =>
        e.TryGetProperty(property, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
