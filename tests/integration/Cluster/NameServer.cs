using CrossLayer.Host.Lab;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Cluster;

/// <summary>A name server on a host of the lab, which knows one name (dnsmasq).</summary>
internal sealed class NameServer(LabNamespace host, string address, string name, string folder) : IAsyncDisposable
{
    private readonly string _hosts = Path.Combine(folder, "hosts");
    private readonly string _resolver = Path.Combine(folder, "resolv.conf");
    private LabProcess? _process;

    /// <summary>Words that start a program so that it asks this server; <c>ip netns exec</c> gives each a mount namespace of its own.</summary>
    public IReadOnlyList<string> Through
    {
        get
        {
            File.WriteAllText(_resolver, $"nameserver {address}\noptions timeout:1 attempts:1\n");
            return ["sh", "-c", $"mount --bind '{_resolver}' /etc/resolv.conf && exec \"$@\"", "sh"];
        }
    }

    /// <summary>From now on, these are the name's addresses.</summary>
    public async Task PublishAsync(params string[] addresses)
    {
        await DisposeAsync();
        await File.WriteAllLinesAsync(_hosts, addresses.Select(one => $"{one} {name}"));
        _process = host.Start(RequiresKernelFactAttribute.PathOf("dnsmasq")!, ["--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
            $"--addn-hosts={_hosts}", $"--listen-address={address}", "--bind-interfaces", "--user=root"]);
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? default;
}
