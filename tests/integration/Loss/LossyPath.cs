using System.ComponentModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Loss;

/// <summary>
/// A client's host, a router and a server's host, a network namespace each, until it is disposed of. Packets are lost in the
/// router: what a host drops of its own output is no loss to its TCP.
/// </summary>
internal sealed class LossyPath : IDisposable
{
    /// <summary>Packets of the server's.</summary>
    internal const string FromServer = "ip saddr 10.77.2.2";

    /// <summary>Packets of the client's.</summary>
    internal const string FromClient = "ip saddr 10.77.1.2";

    /// <summary>Of those: what carries the last bytes of a write.</summary>
    internal const string Data = " tcp flags & psh == psh";

    /// <summary>Of those: what does nothing but acknowledge.</summary>
    internal const string PureAck = " tcp flags == ack";

    /// <summary>Of those: the first of a handshake.</summary>
    internal const string Syn = " tcp flags & (syn | ack) == syn";

    /// <summary>Of those: the second of a handshake.</summary>
    internal const string SynAck = " tcp flags & (syn | ack) == (syn | ack)";

    private const string Chain = "ip loss forward";

    private readonly NetworkNamespace _client;
    private readonly NetworkNamespace _router;
    private readonly NetworkNamespace _server;

    /// <summary>Namespaces that are there, to be removed.</summary>
    private readonly List<NetworkNamespace> _namespaces = [];

    internal LossyPath()
    {
        try
        {
            _namespaces.Add(_client = new NetworkNamespace("client"));
            _namespaces.Add(_router = new NetworkNamespace("router"));
            _namespaces.Add(_server = new NetworkNamespace("server"));
            Lay(_client, "toclient", ClientAddress, "10.77.1.1");
            Lay(_server, "toserver", ServerAddress, "10.77.2.1");
            _router.Run(() =>
            {
                File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
                return true;
            });
            Nft("add table ip loss");
            Nft($"add chain {Chain} {{ type filter hook forward priority 0 ; }}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there can be no such path here; null where there can.</summary>
    internal static string? Missing()
    {
        try
        {
            using var path = new LossyPath();
            return null;
        }
        catch (Exception e) when (e is IOException or Win32Exception or UnauthorizedAccessException)
        {
            return $"no network namespaces: {e.Message}";
        }
    }

    internal static IPAddress ClientAddress { get; } = IPAddress.Parse("10.77.1.2");

    internal static IPAddress ServerAddress { get; } = IPAddress.Parse("10.77.2.2");

    /// <summary>A socket on the client's host.</summary>
    internal Socket NewClientSocket(Func<Socket> make) => _client.Run(make);

    /// <summary>A socket on the server's host.</summary>
    internal Socket NewServerSocket(Func<Socket> make) => _server.Run(make);

    /// <summary>From now on, the first packets that match are lost.</summary>
    internal void Lose(string match, int count) =>
        Nft(string.Create(CultureInfo.InvariantCulture, $"add rule {Chain} {match} numgen inc mod 65536 < {count} drop"));

    /// <summary>From now on, all packets that match are lost.</summary>
    internal void LoseAll(string match) => Nft($"add rule {Chain} {match} drop");

    /// <summary>Nothing is lost any more.</summary>
    internal void Heal() => Nft($"flush chain {Chain}");

    public void Dispose()
    {
        foreach (var space in _namespaces)
            space.Dispose();
        _namespaces.Clear();
    }

    private void Lay(NetworkNamespace host, string device, IPAddress address, string gateway)
    {
        NetworkNamespace.Command("ip", $"link add eth0 netns {host.Name} type veth peer name {device} netns {_router.Name}");
        NetworkNamespace.Command("ip", $"-n {_router.Name} addr add {gateway}/24 dev {device}");
        NetworkNamespace.Command("ip", $"-n {_router.Name} link set {device} up");
        NetworkNamespace.Command("ip", $"-n {host.Name} addr add {address}/24 dev eth0");
        // A packet is a segment: nothing that is lost was several.
        NetworkNamespace.Command("ip", $"-n {host.Name} link set eth0 gso_max_segs 1 up");
        NetworkNamespace.Command("ip", $"-n {host.Name} route add default via {gateway}");
    }

    private void Nft(string command) => NetworkNamespace.Command("ip", $"netns exec {_router.Name} nft {command}");
}
