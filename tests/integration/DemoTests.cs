using System.Text.Json;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests;

public class DemoTests
{
    private const string Out = "results/cross_layer";

    [RequiresKernelFact]
    public async Task The_demo_finds_what_it_injects_and_nothing_else_live_offline_and_after_a_restart()
    {
        using var program = new CrossLayerProgram();

        var (exitCode, output, error) = await program.RunAsync("demo", "--requests", "53");

        Assert.True(exitCode == 0, output + error);
        var live = Verdicts(program.Json(Out, "correlations.json"));
        Assert.Equal(57, live.Count);
        Assert.Equal("discrepant unread_close application cookie", live["unread-response"]);
        Assert.Equal("discrepant slow_handler kernel cookie", live["slow-handler"]);
        Assert.Equal("discrepant no_listener none cookie", live["refused"]);
        Assert.Equal("discrepant slow_reader application cookie", live["stalled-reader"]);
        Assert.All(Enumerable.Range(1, 53), id => Assert.StartsWith("healthy", live[$"{id}"], StringComparison.Ordinal));
        Assert.Equal(0, program.Json(Out, "correlations.json").GetProperty("summary").GetProperty("lost_events").GetInt64());

        // The same files offline, in the other form for one of them.
        var offline = await program.RunAsync("correlate", "--app-metrics", $"{Out}/client_metrics.json", "--app-metrics",
            $"{Out}/server_metrics.jsonl", "--ebpf-events", $"{Out}/ebpf_events.jsonl", "--output", "offline.json");
        Assert.True(offline.ExitCode == 0, offline.Error);
        Assert.Equal(live, Verdicts(program.Json("offline.json")));

        var stored = await program.RunAsync("discrepancies", "-o", "json");
        Assert.Equal(["unread-response", "slow-handler", "refused", "stalled-reader"],
            JsonDocument.Parse(stored.Output).RootElement.EnumerateArray().Select(x => x.GetProperty("request_id").GetString()));
    }

    [RequiresKernelFact]
    public async Task An_interrupted_demo_leaves_readable_files()
    {
        using var program = new CrossLayerProgram();
        await using (var demo = await program.StartAsync("sending", "demo", "--requests", "100000"))
        {
            var events = program.FileIn(Out, "client_metrics.json");
            SpinWait.SpinUntil(() => File.Exists(events) && new FileInfo(events).Length > 1000, TimeSpan.FromSeconds(30));
            await demo.InterruptAsync();
        }

        Assert.True(program.Json(Out, "client_metrics.json").GetArrayLength() > 0);
        Assert.True(program.Json(Out, "ebpf_events.json").GetArrayLength() > 0);
        Assert.True(program.Json(Out, "correlations.json").GetProperty("correlations").GetArrayLength() > 0);
    }

    [RequiresKernelFact]
    public async Task Without_privileges_the_demo_says_which_and_exits_with_3()
    {
        using var program = new CrossLayerProgram();

        var (exitCode, _, error) = await program.RunWithoutPrivilegesAsync("demo");

        Assert.Equal(3, exitCode);
        Assert.Contains("CAP_BPF and CAP_PERFMON", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [RequiresKernelFact]
    public async Task Without_privileges_the_doctor_says_no_and_how_to_mend_it()
    {
        using var program = new CrossLayerProgram();

        var (exitCode, output, _) = await program.RunWithoutPrivilegesAsync("doctor", "-o", "json");

        Assert.Equal(3, exitCode);
        var check = JsonDocument.Parse(output).RootElement.GetProperty("checks").EnumerateArray()
            .Single(x => x.GetProperty("name").GetString() == "capabilities");
        Assert.Equal("no", check.GetProperty("status").GetString());
        Assert.Contains("root", check.GetProperty("mend").GetString(), StringComparison.Ordinal);
    }

    private static SortedDictionary<string, string> Verdicts(JsonElement file) => new(file.GetProperty("correlations").EnumerateArray()
        .ToDictionary(
            x => x.GetProperty("request_id").ToString(),
            x => string.Join(' ', x.GetProperty("verdict"), x.GetProperty("cause"), x.GetProperty("blind_layer"), x.GetProperty("match").GetProperty("method"))
                .Replace("  ", " ", StringComparison.Ordinal)), StringComparer.Ordinal);
}
