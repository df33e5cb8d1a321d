using System.Globalization;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests;

/// <summary>What the probe needs to attach, and that it keeps none of it.</summary>
public class PrivilegesTests
{
    private static readonly string[] CapabilitySets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];

    [RequiresKernelFact("curl")]
    public async Task Once_attached_no_thread_of_the_probe_has_a_capability_or_can_gain_one()
    {
        using var program = new CrossLayerProgram();
        await using var serve = await program.StartAsync(@"listening on http://127\.0\.0\.1:(\d+)", "serve", "--port", "0");
        var port = serve.Ready.Groups[1].Value;
        await using var probe = await program.StartAsync("probing port", "probe", "--port", port);

        var threads = Directory.GetDirectories($"/proc/{probe.ProcessId}/task").Select(StatusOf).ToList();

        Assert.NotEmpty(threads);
        Assert.All(threads, status => Assert.All(CapabilitySets, set => Assert.Equal(0ul, ulong.Parse(status[set], NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
        Assert.All(threads, status => Assert.Equal("1", status["NoNewPrivs"]));
        Assert.NotEqual(0ul, ulong.Parse(StatusOf("/proc/self")["CapEff"], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        await SeesRequestAsync(program, probe, port);
    }

    [RequiresKernelFact("curl")]
    public async Task Privileges_are_kept_where_that_is_asked_for()
    {
        using var program = new CrossLayerProgram();
        await using var probe = await program.StartAsync("probing port", "probe", "--port", "1", "--keep-privileges");

        Assert.Equal(StatusOf("/proc/self")["CapEff"], StatusOf($"/proc/{probe.ProcessId}")["CapEff"]);
        Assert.Equal(0, await probe.InterruptAsync());
    }

    [RequiresKernelFact("setpriv", "curl")]
    public async Task Nobody_with_CAP_BPF_and_CAP_PERFMON_alone_can_probe()
    {
        using var program = await CrossLayerProgram.ForNobodyAsync();
        await using var serve = await program.StartAsync(@"listening on http://127\.0\.0\.1:(\d+)", "serve", "--port", "0");
        var port = serve.Ready.Groups[1].Value;

        await using var probe = await program.StartAsNobodyAsync("+bpf,+perfmon", "probing port", "probe", "--port", port);

        Assert.All(Directory.GetDirectories($"/proc/{probe.ProcessId}/task").Select(StatusOf), status => Assert.Equal(
            ("0000000000000000", "65534\t65534\t65534\t65534"), (status["CapEff"], status["Uid"])));
        await SeesRequestAsync(program, probe, port);
    }

    [RequiresKernelFact]
    public async Task Under_sudo_the_probe_becomes_the_user_who_called_and_so_do_its_files()
    {
        using var program = await CrossLayerProgram.ForNobodyAsync();
        await using var probe = await program.StartUnderSudoAsync("probing port", "probe", "--port", "1");

        Assert.Equal("65534\t65534\t65534\t65534", StatusOf($"/proc/{probe.ProcessId}")["Uid"]);
        Assert.Equal("65534\t65534\t65534\t65534", StatusOf($"/proc/{probe.ProcessId}")["Gid"]);
        Assert.Equal("65534", StatusOf($"/proc/{probe.ProcessId}")["Groups"]);
        Assert.Equal(0, await probe.InterruptAsync());
        var (_, owner, _) = await program.RunAsync("stat", ["-c", "%u", program.FileIn("results", "ebpf_events.json")]);
        Assert.Equal("65534\n", owner);
    }

    [RequiresKernelFact]
    public async Task Under_sudo_root_stays_root_where_the_user_could_not_run_the_program()
    {
        using var program = await CrossLayerProgram.ForNobodyAsync();
        await program.RunAsync("chmod", ["700", program.FileIn("program")]);
        await using var probe = await program.StartUnderSudoAsync("probing port", "probe", "--port", "1");

        var status = StatusOf($"/proc/{probe.ProcessId}");
        Assert.Equal(("0\t0\t0\t0", "0\t0\t0\t0"), (status["Uid"], status["Gid"]));
        Assert.Equal(("0000000000000000", "1"), (status["CapEff"], status["NoNewPrivs"]));
        Assert.Equal(0, await probe.InterruptAsync());
    }

    [RequiresKernelTheory]
    [InlineData("+bpf", "CAP_PERFMON missing")]
    [InlineData("+perfmon", "CAP_BPF missing")]
    [InlineData("+net_admin", "CAP_BPF and CAP_PERFMON missing")]
    public async Task Without_one_of_them_the_line_names_it_and_the_exit_code_is_3(string held, string missing)
    {
        using var program = await CrossLayerProgram.ForNobodyAsync();

        var (exitCode, _, error) = await program.RunAsNobodyAsync(held, "probe", "--port", "1");

        Assert.Equal(3, exitCode);
        Assert.Contains(missing, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static async Task SeesRequestAsync(CrossLayerProgram program, RunningProgram probe, string port)
    {
        var curl = await program.RunAsync("curl", ["-sS", "-o", "body", $"http://127.0.0.1:{port}/bytes/1009"]);
        Assert.True(curl.ExitCode == 0, curl.Error);
        // The server closes its end when it hears of curl's.
        for (var i = 0; i < 500 && Closes() < 2; i++)
            await Task.Delay(10);
        Assert.Equal(0, await probe.InterruptAsync());
        var types = program.Json("results", "ebpf_events.json").EnumerateArray().Select(e => e.GetProperty("event_type").GetString()).ToList();
        Assert.Equal(2, types.Count(type => type == "close"));
        Assert.Contains("connect", types);
        Assert.Contains("accept", types);
        Assert.DoesNotContain("lost", types);

        int Closes() => File.ReadLines(program.FileIn("results", "ebpf_events.jsonl")).Count(line => line.Contains("\"close\"", StringComparison.Ordinal));
    }

    private static Dictionary<string, string> StatusOf(string process) =>
        File.ReadLines(Path.Combine(process, "status")).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
}
