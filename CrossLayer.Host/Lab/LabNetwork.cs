using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace CrossLayer.Host.Lab;

/// <summary>
/// A client's host, a router and a server's host, a network namespace each, until it is disposed of. All of it is in these
/// namespaces: the machine's own network has no device, address, rule or setting of it. One that a killed process left is
/// removed by <see cref="RemoveLeftoversAsync"/>.
/// </summary>
internal sealed class LabNetwork : IAsyncDisposable
{
    private static int _made;

    private readonly List<LabNamespaceName> _names = [];

    private LabNetwork(LabOwner owner)
    {
        var lab = Interlocked.Increment(ref _made);
        Client = Own(LabHost.Client);
        Router = Own(LabHost.Router);
        Server = Own(LabHost.Server);

        LabNamespace Own(LabHost host)
        {
            var name = new LabNamespaceName(owner, lab, host);
            _names.Add(name);
            return new LabNamespace(name);
        }
    }

    /// <summary>Where the client is.</summary>
    public static IPAddress ClientAddress { get; } = IPAddress.Parse("10.77.1.2");

    /// <summary>Where the server is.</summary>
    public static IPAddress ServerAddress { get; } = IPAddress.Parse("10.77.2.2");

    /// <summary>The router's device towards the client.</summary>
    public const string DeviceToClient = "toclient";

    /// <summary>The router's device towards the server.</summary>
    public const string DeviceToServer = "toserver";

    /// <summary>The router's address towards the server.</summary>
    public const string RouterOfServer = "10.77.2.1";

    /// <summary>The only device of the client and of the server.</summary>
    private const string DeviceOfEnd = "eth0";

    /// <summary>Where requests come from.</summary>
    public LabNamespace Client { get; }

    /// <summary>What lies between the two.</summary>
    public LabNamespace Router { get; }

    /// <summary>Where requests are answered.</summary>
    public LabNamespace Server { get; }

    /// <summary>One of the three.</summary>
    public LabNamespace this[LabHost host] => host switch
    {
        LabHost.Client => Client,
        LabHost.Router => Router,
        LabHost.Server => Server,
        _ => throw new ArgumentOutOfRangeException(nameof(host), host, "no such host"),
    };

    /// <summary>Makes a lab.</summary>
    /// <exception cref="LabException">There can be none here; nothing of it is left.</exception>
    public static Task<LabNetwork> CreateAsync(CancellationToken cancellation = default) => CreateAsync(LabOwner.Current, cancellation);

    /// <summary>Makes a lab in the name of another process.</summary>
    internal static async Task<LabNetwork> CreateAsync(LabOwner owner, CancellationToken cancellation = default)
    {
        if (LabTool.Missing() is { } missing)
            throw new LabException(missing);
        var network = new LabNetwork(owner);
        try
        {
            await network.LayAsync(cancellation);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Removes what processes that are gone left of their labs: namespaces, and what still runs in them.</summary>
    /// <returns>Names of the namespaces that were removed.</returns>
    /// <exception cref="LabException">One of them cannot be removed.</exception>
    public static async Task<IReadOnlyList<string>> RemoveLeftoversAsync(CancellationToken cancellation = default)
    {
        var removed = new List<string>();
        foreach (var name in LabNamespaceName.Existing().Where(name => !name.Owner.IsAlive))
        {
            if (await RemoveAsync(name.ToString(), cancellation))
                removed.Add(name.ToString());
        }

        return removed;
    }

    /// <summary>Removes the namespaces, and with them every device, rule and setting of the lab.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var name in _names)
            await RemoveAsync(name.ToString(), CancellationToken.None);
        _names.Clear();
    }

    /// <returns>Whether it was there.</returns>
    private static async Task<bool> RemoveAsync(string name, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(LabNamespaceName.Folder, name)))
            return false;
        try
        {
            // A process that goes on in there would keep its network alive without a name.
            var running = await LabTool.RunAsync("ip", ["netns", "pids", name], cancellation: cancellation);
            foreach (var id in running.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                End(int.Parse(id, CultureInfo.InvariantCulture));
            await LabTool.RunAsync("ip", ["netns", "delete", name], cancellation: cancellation);
            return true;
        }
        catch (LabException) when (!File.Exists(Path.Combine(LabNamespaceName.Folder, name)))
        {
            // Another process that removes leftovers was faster.
            return false;
        }
    }

    private static void End(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private async Task LayAsync(CancellationToken cancellation)
    {
        foreach (var host in new[] { Client, Router, Server })
        {
            await LabTool.RunAsync("ip", ["netns", "add", host.Name], cancellation: cancellation);
            await host.IpAsync(["link", "set", "lo", "up"], cancellation);
        }

        await JoinAsync(Client, ClientAddress, DeviceToClient, "10.77.1.1", cancellation);
        await JoinAsync(Server, ServerAddress, DeviceToServer, RouterOfServer, cancellation);
        Router.WriteSetting("ipv4/ip_forward", "1");
    }

    /// <summary>Joins an end and the router; both ends of the cable are made where they belong, and never on the machine's own network.</summary>
    private async Task JoinAsync(LabNamespace end, IPAddress address, string device, string gateway, CancellationToken cancellation)
    {
        await LabTool.RunAsync(
            "ip",
            ["link", "add", DeviceOfEnd, "netns", end.Name, "type", "veth", "peer", "name", device, "netns", Router.Name],
            cancellation: cancellation);
        await UpAsync(Router, device, gateway, cancellation);
        await UpAsync(end, DeviceOfEnd, address.ToString(), cancellation);
        await end.IpAsync(["route", "add", "default", "via", gateway], cancellation);
    }

    private static async Task UpAsync(LabNamespace host, string device, string address, CancellationToken cancellation)
    {
        await host.IpAsync(["address", "add", $"{address}/24", "dev", device], cancellation);
        // A packet is a segment: else nft would drop, and count as one, what the kernel only later cuts into several.
        await host.IpAsync(["link", "set", device, "gso_max_segs", "1", "up"], cancellation);
        // Packets of a connection stay with one processor (RPS). Else those sent on one overtake those sent on another, and TCP
        // sends again what was never lost.
        await host.ExecAsync("tee", [$"/sys/class/net/{device}/queues/rx-0/rps_cpus"], AllProcessors(), cancellation);
    }

    /// <summary>As the kernel writes a set of processors: words of 32 bits in hexadecimal digits, the highest first.</summary>
    private static string AllProcessors() => string.Join(',', Enumerable.Range(0, (Environment.ProcessorCount + 31) / 32).Reverse()
        .Select(word => ((1UL << Math.Min(32, Environment.ProcessorCount - 32 * word)) - 1).ToString("x8", CultureInfo.InvariantCulture)));
}
