using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Probe.Hooks;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Packets that are lost on a path between two hosts, below TCP, at random.</summary>
public sealed class NetemTests
{
    private static readonly IPAddress ClientAddress = IPAddress.Parse("10.78.0.1");
    private static readonly IPAddress ServerAddress = IPAddress.Parse("10.78.0.2");

    [RequiresNetemFact]
    public async Task Every_retransmit_that_the_kernel_counts_is_an_event()
    {
        // 66 segments or more: that none of them is lost happens once in two million runs.
        const int total = 96_000;
        using var clientHost = new NetworkNamespace("client");
        using var serverHost = new NetworkNamespace("server");
        Join(clientHost, serverHost);
        using var listener = serverHost.Run(NewSocket);
        listener.Bind(new IPEndPoint(ServerAddress, 0));
        listener.Listen(1);
        var target = (IPEndPoint)listener.LocalEndPoint!;
        await using var recording = Recording.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [(ushort)target.Port] } });
        ulong clientCookie, serverCookie;
        using (var client = clientHost.Run(NewSocket))
        {
            await client.ConnectAsync(target);
            using var server = await listener.AcceptAsync();
            (clientCookie, serverCookie) = (Loopback.CookieOf(client), Loopback.CookieOf(server));
            NetworkNamespace.Command("tc", $"-n {clientHost.Name} qdisc add dev eth0 root netem loss 20%");

            // A segment that is lost again and again is sent after 0.2 s, 0.4 s, 0.8 s and so on.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            var sending = client.SendAsync(new byte[total], patience.Token).AsTask();
            var buffer = new byte[1 << 16];
            for (var left = total; left > 0;)
                left -= await server.ReceiveAsync(buffer, patience.Token);
            Assert.Equal(total, await sending);

            // The way back loses nothing: what was received is acknowledged, and after that nothing is sent again.
            NetworkNamespace.Command("tc", $"-n {clientHost.Name} qdisc del dev eth0 root");
        }

        recording.WaitFor(2, KernelEventType.Close);
        // Where kprobes tell of them, the kernel skips runs in interrupts: those are counted as lost, one by one.
        var events = Recording.Hooks == HookChoice.Kprobe ? await recording.StopAsync() : await recording.StopWithoutLossAsync();

        var counted = RetransmittedSegments(clientHost);
        Assert.True(counted > 0, "no segment was lost");
        Assert.Equal(counted, Retransmits(clientCookie) + (int)recording.Counters.Lost);
        Assert.Equal(RetransmittedSegments(serverHost), Retransmits(serverCookie));
        Assert.Equal((uint)counted, Assert.Single(events, e => e.Type == KernelEventType.Close && e.SocketCookie == clientCookie).TotalRetrans);

        int Retransmits(ulong cookie) => events.Count(e => e.Type == KernelEventType.Retransmit && e.SocketCookie == cookie);
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static void Join(NetworkNamespace client, NetworkNamespace server)
    {
        NetworkNamespace.Command("ip", $"link add eth0 netns {client.Name} type veth peer name eth0 netns {server.Name}");
        foreach (var (host, address) in new[] { (client, ClientAddress), (server, ServerAddress) })
        {
            NetworkNamespace.Command("ip", $"-n {host.Name} addr add {address}/24 dev eth0");
            // A packet is a segment: the kernel counts segments, and the probe sees packets.
            NetworkNamespace.Command("ip", $"-n {host.Name} link set eth0 gso_max_segs 1 up");
        }
    }

    /// <summary>What the kernel itself counts in a namespace: RetransSegs of RFC 4022.</summary>
    private static int RetransmittedSegments(NetworkNamespace host) => host.Run(() =>
    {
        // Not /proc/net: that is the process's first thread's.
        var tcp = File.ReadLines("/proc/thread-self/net/snmp").Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal)).Select(line => line.Split(' ')).ToList();
        return int.Parse(tcp[1][Array.IndexOf(tcp[0], "RetransSegs")], CultureInfo.InvariantCulture);
    });
}
