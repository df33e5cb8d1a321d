using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using CrossLayer.Host.Demo.Cluster;
using CrossLayer.Host.Lab;

namespace CrossLayer.Evaluation.Cluster;

/// <summary><c>cluster-cost</c>: what it costs that a request's ends are on two hosts.</summary>
internal static partial class ClusterCostCommand
{
    private const string Table = "crosslayer_cost";
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var requests = new Option<int>("--requests") { Description = "Requests for each of the two.", DefaultValueFactory = _ => 5000 }.OrMore(1);
        var interval = new Option<int>("--interval") { Description = "From one to the next, in milliseconds.", DefaultValueFactory = _ => 5 }.OrMore(0);
        var rounds = new Option<int>("--rounds") { Description = "How often both are measured, in turns.", DefaultValueFactory = _ => 3 }.OrMore(1);
        var command = new Command("cluster-cost", "Messages, bytes and processor time of a cluster for each request between two hosts, beside requests within one (needs root).")
        {
            requests, interval, rounds,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = Directory.CreateTempSubdirectory("crosslayer-cost-").FullName;
            try
            {
                await RunAsync(parsed.GetValue(requests), parsed.GetValue(interval), parsed.GetValue(rounds), folder, parsed.InvocationConfiguration.Output, cancellation);
                return 0;
            }
            catch (LabException exception)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"error: {exception.Message}");
                return 3;
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }

    private static async Task RunAsync(int requests, int intervalMs, int rounds, string folder, TextWriter output, CancellationToken cancellation)
    {
        await using var demo = await ClusterDemo.StartAsync(folder, [], cancellation);
        await demo.Network.Router.ExecAsync("nft", ["-f", "-"], Counters(), cancellation);
        // Compiled, connected, lanes begun.
        await MeasureAsync(demo, 500, intervalMs, 0, folder, cancellation);
        await MeasureAsync(demo, 500, intervalMs, 2, folder, cancellation);
        var before = await ReadAsync(demo, cancellation);
        await Task.Delay(Idle, cancellation);
        var idle = (await ReadAsync(demo, cancellation)) - before;
        await output.WriteLineAsync(Text($"members among themselves, without requests: {idle.Bytes / Idle.TotalSeconds:N0} bytes/s in {idle.Packets / Idle.TotalSeconds:0.0} packets/s"));
        await output.WriteLineAsync("requests       count   reported   halves/req   messages/req   sent again   bytes/req   packets/req   CPU of all daemons, ms/req");
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, member) in new[] { ("between hosts", 0), ("within one", 2) })
            {
                var (cost, reported, took) = await MeasureAsync(demo, requests, intervalMs, member, folder, cancellation);
                var share = took / Idle;
                var (bytes, packets) = (cost.Bytes - idle.Bytes * share, cost.Packets - idle.Packets * share);
                await output.WriteLineAsync(Text(
                    $"{name,-13} {requests,6} {reported,10} {(double)cost.Halves / requests,12:0.00} {(double)cost.Messages / requests,14:0.000} {cost.Again,12} {bytes / requests,11:0} {packets / requests,13:0.00} {1000 * (cost.CpuSeconds - idle.CpuSeconds * share) / requests,28:0.000}"));
                await output.FlushAsync(cancellation);
            }
        }
    }

    private static async Task<(Cost Cost, int Reported, TimeSpan Took)> MeasureAsync(ClusterDemo demo, int requests, int intervalMs, int member, string folder, CancellationToken cancellation)
    {
        var before = await ReadAsync(demo, cancellation);
        var from = DateTime.UtcNow;
        await using (var load = demo.StartLoad(requests, intervalMs, 5000, Path.Combine(folder, "cost.jsonl"), member))
        {
            while (load.IsRunning)
                await Task.Delay(50, cancellation);
        }

        static long Ns(DateTime time) => (time - DateTime.UnixEpoch).Ticks * 100;
        var reported = await demo.ReportedAsync((Ns(from), Ns(DateTime.UtcNow)), requests, Patience, cancellation);
        return (await ReadAsync(demo, cancellation) - before, reported.Count, DateTime.UtcNow - from);
    }

    private static async Task<Cost> ReadAsync(ClusterDemo demo, CancellationToken cancellation)
    {
        var counted = CounterLine().Matches(await demo.Network.Router.ExecAsync("nft", ["list", "table", "inet", Table], cancellation: cancellation));
        long Sum(string name) => counted.Sum(match => long.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture));
        var readings = await Task.WhenAll(demo.Hosts.Select(async host => (await host.ReadAsync(cancellation))?.Counters ?? throw new LabException($"the daemon on {host.Name} does not answer")));
        return new Cost(Sum("bytes"), Sum("packets"), readings.Sum(one => one.Halves), readings.Sum(one => one.Messages), readings.Sum(one => one.Again),
            demo.Hosts.Sum(host => CpuSeconds(host.Process.Id)));
    }

    /// <summary>Of a process, in user and in kernel mode (proc(5), stat).</summary>
    private static double CpuSeconds(int process)
    {
        const double ticksPerSecond = 100; // USER_HZ, the same on every machine
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / ticksPerSecond;
    }

    /// <summary>Each packet between members passes one of these once: the router is a member, and between the other two.</summary>
    private static string Counters()
    {
        var count = string.Create(CultureInfo.InvariantCulture, $"tcp dport {ClusterDemoHost.Port} counter; tcp sport {ClusterDemoHost.Port} counter");
        return $$"""
            table inet {{Table}} {
             chain inward { type filter hook input priority 0; {{count}}; }
             chain outward { type filter hook output priority 0; {{count}}; }
             chain through { type filter hook forward priority 0; {{count}}; }
            }

            """;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("counter packets (?<packets>[0-9]+) bytes (?<bytes>[0-9]+)")]
    private static partial Regex CounterLine();

    /// <summary>What was counted between two moments.</summary>
    private sealed record Cost(double Bytes, double Packets, long Halves, long Messages, long Again, double CpuSeconds)
    {
        public static Cost operator -(Cost after, Cost before) => new(after.Bytes - before.Bytes, after.Packets - before.Packets,
            after.Halves - before.Halves, after.Messages - before.Messages, after.Again - before.Again, after.CpuSeconds - before.CpuSeconds);
    }
}
