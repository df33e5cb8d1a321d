using System.Net;
using System.Net.Sockets;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Packets that a host's own rules drop, on their way out and on their way in.</summary>
public sealed class OwnDropTests
{
    private const int Payload = 700;
    private static readonly IPAddress ClientAddress = IPAddress.Parse("10.79.0.1");
    private static readonly IPAddress ServerAddress = IPAddress.Parse("10.79.0.2");

    [RequiresNftFact]
    public async Task What_a_host_drops_of_its_own_on_its_way_out_is_outgoing_and_of_its_namespace()
    {
        var (events, client, server) = await DropAsync(hook: "output", host => host.Client);

        var drops = DropsOf(events);
        Assert.NotEmpty(drops);
        Assert.All(drops, drop =>
        {
            Assert.Equal(StreamFlags.Outgoing, drop.Flags);
            Assert.Equal((client.NetnsCookie, client.Local, client.Peer), (drop.NetnsCookie, drop.Local, drop.Peer));
            Assert.Equal(0ul, drop.SocketCookie);
        });
        Assert.NotEqual(server.NetnsCookie, client.NetnsCookie);
    }

    [RequiresNftFact]
    public async Task What_a_host_drops_as_it_comes_in_is_not_outgoing_and_of_its_namespace()
    {
        var (events, client, server) = await DropAsync(hook: "input", host => host.Server);

        var drops = DropsOf(events);
        Assert.NotEmpty(drops);
        Assert.All(drops, drop =>
        {
            Assert.Equal(StreamFlags.None, drop.Flags);
            Assert.Equal((server.NetnsCookie, server.Local, server.Peer), (drop.NetnsCookie, drop.Local, drop.Peer));
        });
        Assert.NotEqual(server.NetnsCookie, client.NetnsCookie);
    }

    private static List<KernelEvent> DropsOf(List<KernelEvent> events) => events.FindAll(e => e is { Type: KernelEventType.Drop, Bytes: Payload });

    /// <summary>A client sends one segment, which one of the two hosts drops until a drop was seen, and which comes through then.</summary>
    private static async Task<(List<KernelEvent> Events, KernelEvent Client, KernelEvent Server)> DropAsync(
        string hook, Func<(NetworkNamespace Client, NetworkNamespace Server), NetworkNamespace> dropsAt)
    {
        using var clientHost = new NetworkNamespace("client");
        using var serverHost = new NetworkNamespace("server");
        Join(clientHost, serverHost);
        using var listener = serverHost.Run(NewSocket);
        listener.Bind(new IPEndPoint(ServerAddress, 0));
        listener.Listen(1);
        var target = (IPEndPoint)listener.LocalEndPoint!;
        var dropping = dropsAt((clientHost, serverHost));
        await using var recording = Recording.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [(ushort)target.Port] } });
        using (var client = clientHost.Run(NewSocket))
        {
            await client.ConnectAsync(target);
            using var server = await listener.AcceptAsync();
            recording.WaitFor(1, KernelEventType.Accept);
            Nft(dropping, "add table inet crosslayer");
            Nft(dropping, $"add chain inet crosslayer dropping {{ type filter hook {hook} priority 0 ; }}");
            Nft(dropping, $"add rule inet crosslayer dropping tcp dport {target.Port} drop");
            Assert.Equal(Payload, client.Send(new byte[Payload]));
            recording.WaitFor(1, KernelEventType.Drop);
            Nft(dropping, "delete table inet crosslayer");
            Recording.WaitUntil($"{Payload} bytes", () => server.Available == Payload);
        }

        recording.WaitFor(2, KernelEventType.Close);
        var events = await recording.StopWithoutLossAsync();
        return (events, Assert.Single(events, e => e.Type == KernelEventType.Connect), Assert.Single(events, e => e.Type == KernelEventType.Accept));
    }

    private static void Nft(NetworkNamespace host, string command) => NetworkNamespace.Command("ip", $"netns exec {host.Name} nft {command}");

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static void Join(NetworkNamespace client, NetworkNamespace server)
    {
        NetworkNamespace.Command("ip", $"link add eth0 netns {client.Name} type veth peer name eth0 netns {server.Name}");
        foreach (var (host, address) in new[] { (client, ClientAddress), (server, ServerAddress) })
        {
            NetworkNamespace.Command("ip", $"-n {host.Name} addr add {address}/24 dev eth0");
            NetworkNamespace.Command("ip", $"-n {host.Name} link set eth0 up");
        }
    }
}
