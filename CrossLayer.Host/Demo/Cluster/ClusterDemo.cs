using System.Globalization;
using System.Net;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Demo.Cluster;

/// <summary>
/// Three hosts in one machine, a client's, a server's and one between, each with a daemon of its own that sees its own host alone; ordinary
/// requests, and troubles of which each host knows a half.
/// </summary>
internal sealed class ClusterDemo : IAsyncDisposable
{
    /// <summary>Where the server listens.</summary>
    public const int ServerPort = 8080;

    private const string Between = "10.77.1.1";
    private const string Table = "crosslayer_cluster_demo";
    private const string DoorTable = "crosslayer_cluster_door";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly LabNetwork _network;
    private readonly LabProcess _server;

    private readonly Func<LabHost, IReadOnlyList<string>> _through;

    private ClusterDemo(LabNetwork network, IReadOnlyList<ClusterDemoHost> hosts, LabProcess server, Func<LabHost, IReadOnlyList<string>> through) =>
        (_network, Hosts, _server, _through) = (network, hosts, server, through);

    /// <summary>The client's daemon, that between, and the server's.</summary>
    public IReadOnlyList<ClusterDemoHost> Hosts { get; }

    /// <summary>The daemon that reports requests to the server.</summary>
    public ClusterDemoHost ServerHost => Hosts[2];

    /// <summary>The hosts' network.</summary>
    public LabNetwork Network => _network;

    /// <summary>Where a member is, by its place in <see cref="Hosts"/>.</summary>
    public static LabHost HostOf(int member) => member switch
    {
        0 => LabHost.Client,
        1 => LabHost.Router,
        2 => LabHost.Server,
        _ => throw new ArgumentOutOfRangeException(nameof(member), member, "no such member"),
    };

    /// <summary>Makes the hosts, starts daemons and server, and waits until the three are a cluster.</summary>
    /// <param name="folder">Where files go.</param>
    /// <param name="settings">Settings of all daemons, each <c>key=value</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LabException">There can be no lab here, or no cluster came about.</exception>
    public static Task<ClusterDemo> StartAsync(string folder, IReadOnlyList<string> settings, CancellationToken cancellation) =>
        StartAsync(folder, settings, _ => [], cancellation);

    /// <inheritdoc cref="StartAsync(string, IReadOnlyList{string}, CancellationToken)"/>
    /// <param name="folder"/>
    /// <param name="settings"/>
    /// <param name="through">For each host, a program that starts all of that host's programs, and its words; empty for none.</param>
    /// <param name="cancellation"/>
    public static async Task<ClusterDemo> StartAsync(
        string folder, IReadOnlyList<string> settings, Func<LabHost, IReadOnlyList<string>> through, CancellationToken cancellation)
    {
        await LabNetwork.RemoveLeftoversAsync(cancellation);
        var network = await LabNetwork.CreateAsync(cancellation);
        var hosts = new List<ClusterDemoHost>();
        string[] seeds = [Between, $"{LabNetwork.ClientAddress}", $"{LabNetwork.ServerAddress}"];
        LabProcess? server = null;
        try
        {
            hosts.Add(ClusterDemoHost.Start(network.Client, "client", $"{LabNetwork.ClientAddress}", seeds, ServerPort, folder, settings, through(LabHost.Client)));
            hosts.Add(ClusterDemoHost.Start(network.Router, "between", Between, seeds, ServerPort, folder, settings, through(LabHost.Router)));
            hosts.Add(ClusterDemoHost.Start(network.Server, "server", $"{LabNetwork.ServerAddress}", seeds, ServerPort, folder, settings, through(LabHost.Server)));
            foreach (var host in hosts)
                await host.WaitForMembersAsync(hosts.Count, cancellation);
            var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            server = Start(network.Server, through(LabHost.Server), line =>
            {
                if (line.StartsWith("listening", StringComparison.Ordinal))
                    listening.TrySetResult();
            }, "serve", "--address", $"{LabNetwork.ServerAddress}", "--port", ServerPort.ToString(CultureInfo.InvariantCulture), "--service", "demo-server",
                "--output", Path.Combine(hosts[2].Folder, "server_metrics.json"), "--report-to", hosts[2].ReportTo);
            await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellation);
            return new ClusterDemo(network, hosts, server, through);
        }
        catch
        {
            if (server is not null)
                await server.DisposeAsync();
            foreach (var host in hosts)
                await host.DisposeAsync();
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ordinary requests, one after the other on one connection.</summary>
    /// <returns>When they began and ended, in nanoseconds since the Unix epoch.</returns>
    public async Task<(long From, long To)> LoadAsync(int requests, int intervalMs, int timeoutMs, CancellationToken cancellation)
    {
        var from = NowNs();
        await using var load = StartLoad(requests, intervalMs, timeoutMs, Path.Combine(Hosts[0].Folder, "client_metrics.json"));
        while (load.IsRunning)
            await Task.Delay(50, cancellation);
        return (from, NowNs());
    }

    /// <summary>Begins to make ordinary requests, one after the other on one connection, until all are made or the process is ended.</summary>
    /// <param name="requests">How many.</param>
    /// <param name="intervalMs">From one to the next.</param>
    /// <param name="timeoutMs">How long one may take.</param>
    /// <param name="output">Where their client's records go.</param>
    /// <param name="member">Whose host they are made on; the client's if left out.</param>
    public LabProcess StartLoad(int requests, int intervalMs, int timeoutMs, string output, int member = 0) =>
        Start(_network[HostOf(member)], _through(HostOf(member)), _ => { },
            "load", "--url", $"http://{LabNetwork.ServerAddress}:{ServerPort}/", "--requests", Text(requests), "--interval", Text(intervalMs),
            "--timeout", Text(timeoutMs), "--output", output, "--report-to", Hosts[member].ReportTo);

    /// <summary>What the server answers gets lost on the way, while requests are made.</summary>
    public async Task<(long From, long To)> LoseResponsesAsync(int requests, CancellationToken cancellation)
    {
        await _network.Router.ExecAsync("nft", ["-f", "-"], $$"""
            table ip {{Table}} {
             chain lose {
              type filter hook forward priority 0;
              tcp sport {{ServerPort}} tcp flags & syn == 0 ip length > 80 drop
             }
            }
            """, cancellation);
        try
        {
            return await LoadAsync(requests, 0, 1500, cancellation);
        }
        finally
        {
            await _network.Router.ExecAsync("nft", ["delete", "table", "ip", Table], cancellation: CancellationToken.None);
        }
    }

    /// <summary>The server's process stands still for a while, while a request is made.</summary>
    public async Task<(long From, long To)> StallServerAsync(CancellationToken cancellation)
    {
        _server.Stall();
        try
        {
            return await LoadAsync(1, 0, 1500, cancellation);
        }
        finally
        {
            _server.Resume();
        }
    }

    /// <summary>Cuts a member off from the others, at its own door: what members say to each other is lost, and requests of applications pass.</summary>
    /// <param name="member">Which, by its place in <see cref="Hosts"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="inward">What is sent to it is lost.</param>
    /// <param name="outward">What it sends is lost.</param>
    public Task CutOffAsync(int member, CancellationToken cancellation, bool inward = true, bool outward = true)
    {
        return _network[HostOf(member)].ExecAsync("nft", ["-f", "-"], $$"""
            table inet {{DoorTable}} {
             chain inward {
              type filter hook input priority 0;
              {{(inward ? Drop("iifname") : "")}}
             }
             chain outward {
              type filter hook output priority 0;
              {{(outward ? Drop("oifname") : "")}}
             }
            }

            """, cancellation);

        static string Drop(string device) => string.Create(CultureInfo.InvariantCulture,
            $"{device} != \"lo\" tcp dport {ClusterDemoHost.Port} drop; {device} != \"lo\" tcp sport {ClusterDemoHost.Port} drop");
    }

    /// <summary>Undoes <see cref="CutOffAsync"/>.</summary>
    public Task HealAsync(int member, CancellationToken cancellation) =>
        _network[HostOf(member)].ExecAsync("nft", ["delete", "table", "inet", DoorTable], cancellation: cancellation);

    /// <summary>A client closes with the response unread.</summary>
    public async Task<(long From, long To)> CloseUnreadAsync(int times, CancellationToken cancellation)
    {
        var from = NowNs();
        var server = new IPEndPoint(LabNetwork.ServerAddress, ServerPort);
        for (var i = 0; i < times; i++)
            await _network.Client.RunIn(() => RawClient.CloseUnreadAsync(server, RequestId.From(9000 + i), "/", cancellation));
        return (from, NowNs());
    }

    /// <summary>Waits until the server's daemon has reported so many requests that began in a time, or nothing is to be expected any more.</summary>
    public async Task<IReadOnlyList<Correlation>> ReportedAsync((long From, long To) time, int count, TimeSpan patience, CancellationToken cancellation)
    {
        var until = DateTime.UtcNow + patience;
        while (true)
        {
            var found = ServerHost.Correlations().Where(correlation => correlation.StartUnixNs >= time.From && correlation.StartUnixNs <= time.To).ToList();
            if (found.Count >= count || DateTime.UtcNow > until)
                return found;
            await Task.Delay(Pause, cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await Task.WhenAll(Hosts.Select(host => host.DisposeAsync().AsTask()));
        await _network.DisposeAsync();
    }

    private static LabProcess Start(LabNamespace host, IReadOnlyList<string> through, Action<string> onLine, params string[] arguments)
    {
        var (program, words) = OwnProgram.Of(arguments);
        string[] all = [.. through, program, .. words];
        return host.Start(all[0], all[1..], onLine);
    }

    private static long NowNs() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
