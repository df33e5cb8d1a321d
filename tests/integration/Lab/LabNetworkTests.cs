using System.Net.Sockets;
using System.Text.RegularExpressions;
using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>The lab's network: there when it is made, gone when it is disposed of, and never the machine's own.</summary>
[Collection("lab")]
public sealed class LabNetworkTests
{
    /// <summary>More than a kernel gives to a process (PID_MAX_LIMIT).</summary>
    private const int NoPid = 1 << 23;

    [RequiresLabFact]
    public async Task The_machine_s_own_network_is_the_same_before_during_and_after()
    {
        var before = await OwnNetworkAsync();
        await using (var run = await LabRun.StartAsync())
        {
            var faults = new List<ArmedFault>();
            foreach (var scenario in ScenarioCatalog.All.Where(scenario => scenario.Name != "process_stall"))
                faults.Add(await run.ArmAsync(scenario.Name));
            Assert.Equal(before, await OwnNetworkAsync());
            foreach (var fault in faults)
                await fault.LiftAsync();
            Assert.Equal(100, await run.Client.AskAsync(100));
            Assert.Equal("", (await run.Network.Router.ExecAsync("nft", ["list", "ruleset"])).Trim());
            Assert.Equal("", (await run.Network.Server.ExecAsync("nft", ["list", "ruleset"])).Trim());
        }

        Assert.Equal(before, await OwnNetworkAsync());
    }

    [RequiresLabFact]
    public async Task Nothing_is_left_of_a_lab_and_of_what_ran_in_it()
    {
        var network = await LabNetwork.CreateAsync();
        string[] names = [network.Client.Name, network.Router.Name, network.Server.Name];
        Assert.All(names, name => Assert.True(File.Exists(PathOf(name))));
        await using var forgotten = network.Server.Start("sleep", ["60"]);
        while (File.ReadAllText($"/proc/{forgotten.Id}/comm").Trim() != "sleep")
            await Task.Delay(5);
        await network.DisposeAsync();
        Assert.All(names, name => Assert.False(File.Exists(PathOf(name))));
        await WaitForAsync(() => !forgotten.IsRunning);
        await network.DisposeAsync();
    }

    [RequiresLabFact]
    public async Task What_killed_processes_left_is_removed_and_a_living_one_s_lab_is_not()
    {
        await using var living = await LabNetwork.CreateAsync();
        var dead = await LabNetwork.CreateAsync(new LabOwner(NoPid, 1));
        // Its id was given to another process, which started later: to this one.
        var reused = await LabNetwork.CreateAsync(LabOwner.Current with { StartTicks = LabOwner.Current.StartTicks - 1 });
        await using var forgotten = dead.Client.Start("sleep", ["60"]);
        while (File.ReadAllText($"/proc/{forgotten.Id}/comm").Trim() != "sleep")
            await Task.Delay(5);

        var removed = await LabNetwork.RemoveLeftoversAsync();
        foreach (var left in new[] { dead, reused })
        {
            foreach (var host in Enum.GetValues<LabHost>())
            {
                Assert.Contains(left[host].Name, removed);
                Assert.False(File.Exists(PathOf(left[host].Name)));
            }
        }

        await WaitForAsync(() => !forgotten.IsRunning);
        Assert.Equal("1", living.Router.ReadSetting("ipv4/ip_forward"));
        Assert.DoesNotContain(living.Router.Name, removed);
        Assert.Empty((await LabNetwork.RemoveLeftoversAsync()).Intersect(removed));
    }

    [RequiresLabFact]
    public async Task Labs_beside_each_other_do_not_meet()
    {
        await using var one = await LabRun.StartAsync();
        await using var other = await LabRun.StartAsync();
        var fault = await one.ArmAsync("connect_blackhole");
        Assert.Equal(1000, await other.Client.AskAsync(1000));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.Client.ConnectAsync(0.5));
        await one.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task A_segment_of_the_ends_is_a_packet()
    {
        await using var network = await LabNetwork.CreateAsync();
        foreach (var host in new[] { network.Client, network.Router, network.Server })
        {
            var links = await host.IpAsync(["-d", "link", "show", "type", "veth"]);
            Assert.Equal(host == network.Router ? 2 : 1, Regex.Count(links, "gso_max_segs 1 "));
        }
    }

    [RequiresLabFact]
    public async Task An_error_quotes_the_command_and_what_the_tool_said()
    {
        await using var network = await LabNetwork.CreateAsync();
        var error = await Assert.ThrowsAsync<LabException>(() => network.Router.IpAsync(["link", "set", "nothing", "up"]));
        Assert.Equal($"ip -n {network.Router.Name} link set nothing up: Cannot find device \"nothing\"", error.Message);
        var twice = await Assert.ThrowsAsync<LabException>(async () =>
        {
            for (var i = 0; i < 2; i++)
                await ScenarioCatalog.Of("path_loss").ArmAsync(new LabSetup(network), Intensity.Low);
        });
        Assert.Contains("File exists", twice.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', twice.Message);
    }

    [RequiresLabFact]
    public async Task What_a_thread_in_a_namespace_throws_is_thrown_as_it_is_and_a_namespace_that_is_gone_is_an_error()
    {
        var network = await LabNetwork.CreateAsync();
        Assert.Throws<SocketException>(() => network.Client.RunIn<int>(() => throw new SocketException(111)));
        await network.DisposeAsync();
        var error = Assert.Throws<LabException>(() => network.Client.RunIn(() => 1));
        Assert.StartsWith($"namespace {network.Client.Name} cannot be entered:", error.Message, StringComparison.Ordinal);
    }

    [RequiresLabFact]
    public async Task Of_a_lab_whose_making_was_cancelled_nothing_is_left()
    {
        var before = OwnNames();
        for (var ms = 1; ms <= 64; ms *= 4)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(ms));
            try
            {
                await using var network = await LabNetwork.CreateAsync(soon.Token);
            }
            catch (OperationCanceledException)
            {
                // As asked.
            }
        }

        Assert.Equal(before, OwnNames());
    }

    private static string[] OwnNames() => [.. Directory.EnumerateFiles(LabNamespaceName.Folder, $"*-{Environment.ProcessId}-*").Order()];

    private static string PathOf(string name) => Path.Combine(LabNamespaceName.Folder, name);

    /// <summary>Addresses, routes, rules and settings; but for how long an address is still valid, which passes.</summary>
    private static async Task<string> OwnNetworkAsync()
    {
        var addresses = Regex.Replace(await LabTool.RunAsync("ip", ["-j", "addr"]), "\"(valid|preferred)_life_time\":\\d+", "");
        var routes = await LabTool.RunAsync("ip", ["-j", "route", "show", "table", "all"]);
        var rules = await LabTool.RunAsync("nft", ["list", "ruleset"]);
        var queues = await LabTool.RunAsync("tc", ["qdisc", "show"]);
        var forwarding = await File.ReadAllTextAsync("/proc/sys/net/ipv4/ip_forward");
        var ports = await File.ReadAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range");
        return string.Join('\n', addresses, routes, rules, queues, forwarding, ports);
    }

    private static async Task WaitForAsync(Func<bool> condition)
    {
        for (var i = 0; i < 400 && !condition(); i++)
            await Task.Delay(5);
        Assert.True(condition());
    }
}
