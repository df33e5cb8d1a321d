using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

public sealed class ProbeTests
{
    private const int ConnectionRefused = 111;

    /// <summary>The first 62 primes from 1009 on, a request and a response each.</summary>
    private static readonly (int Request, int Response)[] Sizes =
        [.. Enumerable.Range(1009, 1000).Where(IsPrime).Take(62).Chunk(2).Select(pair => (pair[0], pair[1]))];

    [RequiresKernelFact]
    public async Task IPv4_connections_are_seen_exactly_at_both_ends()
    {
        using var loopback = Loopback.IPv4();
        await CheckExchangesAsync(loopback);
    }

    [RequiresKernelFact]
    public async Task IPv6_connections_are_seen_exactly_at_both_ends()
    {
        using var loopback = Loopback.IPv6();
        await CheckExchangesAsync(loopback);
    }

    [RequiresKernelFact]
    public async Task Dual_stack_connections_are_seen_exactly_and_as_IPv4()
    {
        using var loopback = Loopback.DualStack();
        await CheckExchangesAsync(loopback);
    }

    [RequiresKernelFact]
    public async Task A_refused_connection_ends_with_its_error_and_the_reset_at_both_ends()
    {
        // Bound, so that the port stays free, but not listening.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var target = (IPEndPoint)bound.LocalEndPoint!;
        await using var recording = Recording.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [(ushort)target.Port] } });
        ulong cookie;
        using (var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            cookie = Loopback.CookieOf(client);
            var failure = Assert.Throws<SocketException>(() => client.Connect(target));
            Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
        }

        recording.WaitFor(1, KernelEventType.Connect);
        var events = await recording.StopWithoutLossAsync();

        var connect = Assert.Single(events, e => e.Type == KernelEventType.Connect);
        Assert.Equal(ConnectionRefused, connect.Error);
        Assert.Equal((TcpState.SynSent, TcpState.Close), (connect.OldState, connect.NewState));
        Assert.Equal(SocketRole.Active, connect.Role);
        Assert.Equal(cookie, connect.SocketCookie);
        Assert.Equal(Endpoint.From(target), connect.Peer);
        Assert.NotEqual(0, connect.LocalPort);
        Assert.Equal((0ul, 0ul, 0ul, 0ul), (connect.Written, connect.Acked, connect.Received, connect.Copied));
        Assert.InRange(connect.SinceNs, 1ul, connect.TimestampNs);

        var received = Assert.Single(events, e => e.Type == KernelEventType.ResetReceived);
        Assert.Equal(cookie, received.SocketCookie);
        var sent = Assert.Single(events, e => e.Type == KernelEventType.ResetSent);
        Assert.Equal((connect.Peer, connect.Local), (sent.Local, sent.Peer));
        Assert.Equal(connect.NetnsCookie, sent.NetnsCookie);
        Assert.DoesNotContain(events, e => e.Type == KernelEventType.Accept);
    }

    [RequiresKernelTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_reaches_a_socket_in_TIME_WAIT_is_told_of_as_a_dropped_packet(bool unread)
    {
        using var loopback = Loopback.IPv4();
        await using var recording = Recording.Start(loopback.Options);
        var (client, server) = loopback.Connect();
        var cookie = Loopback.CookieOf(server);
        Assert.Equal(100, server.Send(new byte[100]));
        Recording.WaitUntil("the response", () => client.Available == 100);
        server.Dispose();
        recording.WaitFor(1, KernelEventType.Close);
        if (!unread)
            Assert.Equal(100, client.Receive(new byte[100]));
        client.Dispose();
        recording.WaitFor(2, KernelEventType.Close);
        recording.WaitFor(1, KernelEventType.Drop);

        var events = await recording.StopWithoutLossAsync();

        var close = Assert.Single(events, e => e.Type == KernelEventType.Close && e.SocketCookie == cookie);
        Assert.Equal((StreamFlags.FinSent, 100ul), (close.Flags, close.Acked));
        Assert.DoesNotContain(events, e => e.Type == KernelEventType.ResetReceived);
        var drop = Assert.Single(events, e => e.Type == KernelEventType.Drop);
        Assert.Equal(unread ? StreamFlags.PacketRst : StreamFlags.PacketFin, drop.Flags);
        Assert.Equal((0ul, close.NetnsCookie, close.Local, close.Peer), (drop.SocketCookie, drop.NetnsCookie, drop.Local, drop.Peer));
        Assert.True(drop.TimestampNs >= close.TimestampNs);
    }

    [RequiresKernelFact]
    public async Task A_peer_that_closes_with_unread_data_resets_the_connection()
    {
        using var loopback = Loopback.IPv4();
        await using var recording = Recording.Start(loopback.Options);
        var (client, server) = loopback.Connect();
        var (clientCookie, serverCookie) = (Loopback.CookieOf(client), Loopback.CookieOf(server));
        client.Send(new byte[1009]);
        Recording.WaitUntil("the request", () => server.Available == 1009);
        Assert.Equal(11, server.Receive(new byte[11]));
        server.Dispose();
        recording.WaitFor(1, KernelEventType.ResetReceived);
        client.Dispose();
        recording.WaitFor(2, KernelEventType.Close);

        var events = await recording.StopWithoutLossAsync();

        var close = Assert.Single(events, e => e.Type == KernelEventType.Close && e.SocketCookie == serverCookie);
        Assert.Equal((1009ul, 11ul), (close.Received, close.Copied));
        Assert.Equal(serverCookie, Assert.Single(events, e => e.Type == KernelEventType.ResetSent).SocketCookie);
        Assert.Equal(clientCookie, Assert.Single(events, e => e.Type == KernelEventType.ResetReceived).SocketCookie);
        Assert.Equal(1009ul, Assert.Single(events, e => e.Type == KernelEventType.Close && e.SocketCookie == clientCookie).Written);
    }

    [RequiresKernelFact]
    public async Task An_acknowledgement_that_comes_after_the_call_is_told_from_the_first_one_on()
    {
        const int connections = 24;
        using var loopback = Loopback.IPv4();
        await using var recording = Recording.Start(loopback.Options);
        var servers = new List<ulong>();
        var open = new List<Socket>();
        for (var i = 0; i < connections; i++)
        {
            var (client, server) = loopback.Connect();
            open.AddRange([client, server]);
            servers.Add(Loopback.CookieOf(server));
            Loopback.DelayAcknowledgements(client);
            Loopback.Move(client, server, 100);
            Loopback.Move(server, client, 1000);
        }

        // 40 ms later, and nothing else happens on these connections.
        recording.WaitFor("all acknowledgements", events =>
            servers.TrueForAll(server => events.Any(e => e.SocketCookie == server && e.Acked == 1000)));
        open.ForEach(socket => socket.Dispose());

        var events = await recording.StopWithoutLossAsync();
        Assert.Contains(events, e => e.Type == KernelEventType.Acked && servers.Contains(e.SocketCookie));
    }

    [RequiresKernelFact]
    public async Task The_port_filter_lets_nothing_else_through()
    {
        using var wanted = Loopback.IPv4();
        using var other = Loopback.IPv4();
        await using var recording = Recording.Start(wanted.Options);
        for (var i = 0; i < 7; i++)
        {
            other.Run(101, 103);
            wanted.Run(107, 109);
        }

        recording.WaitFor(14, KernelEventType.Close);
        var events = await recording.StopWithoutLossAsync();

        Assert.All(events, e => Assert.True(e.LocalPort == wanted.Port || e.PeerPort == wanted.Port));
        Assert.Equal(7, events.Count(e => e.Type == KernelEventType.Connect));
    }

    [RequiresKernelFact]
    public async Task The_network_namespace_filter_lets_nothing_else_through()
    {
        using var loopback = Loopback.IPv4();
        var here = NetnsCookie.Own();
        await using var own = Recording.Start(loopback.Options with { Filter = new ProbeFilter { Ports = [loopback.Port], NetworkNamespaces = [here] } });
        await using var others = Recording.Start(loopback.Options with { Filter = new ProbeFilter { Ports = [loopback.Port], NetworkNamespaces = [here + 1_000_000] } });
        var exchange = loopback.Run(101, 103);
        own.WaitFor("close of the client", events => events.Any(e => e.Type == KernelEventType.Close && e.SocketCookie == exchange.ClientCookie));

        var ownEvents = await own.StopWithoutLossAsync();

        Assert.All(ownEvents, e => Assert.Equal(here, e.NetnsCookie));
        Assert.Single(ownEvents, e => e.Type == KernelEventType.Connect);
        Assert.Empty(await others.StopWithoutLossAsync());
    }

    [RequiresKernelFact]
    public async Task The_pid_filter_lets_nothing_else_through()
    {
        using var loopback = Loopback.IPv4();
        using var child = Process.Start(new ProcessStartInfo("bash", ["-c", "read line; exec 3<>/dev/tcp/127.0.0.1/$0; read line", $"{loopback.Port}"])
        {
            RedirectStandardInput = true,
        })!;
        await using var own = Recording.Start(loopback.Options with { Filter = new ProbeFilter { Ports = [loopback.Port], Pid = (uint)Environment.ProcessId } });
        await using var childs = Recording.Start(loopback.Options with { Filter = new ProbeFilter { Ports = [loopback.Port], Pid = (uint)child.Id } });
        await child.StandardInput.WriteLineAsync();
        childs.WaitFor(1, KernelEventType.Connect);
        var accepted = loopback.Accept();
        var exchange = loopback.Run(101, 103);
        child.StandardInput.Close();
        await child.WaitForExitAsync();
        // Where the FIN is acknowledged while the socket is still being closed, the kernel waits for the peer's for a minute.
        accepted.Dispose();
        childs.WaitFor(1, KernelEventType.Close);
        own.WaitFor("close of the own client", events =>
            events.Any(e => e.Type == KernelEventType.Close && e.SocketCookie == exchange.ClientCookie));

        var ownEvents = await own.StopWithoutLossAsync();
        var childEvents = await childs.StopWithoutLossAsync();

        Assert.All(ownEvents, e => Assert.Equal((uint)Environment.ProcessId, e.Pid));
        Assert.All(childEvents, e => Assert.Equal((uint)child.Id, e.Pid));
        Assert.All(childEvents, e => Assert.Equal("bash", e.Comm.ToString()));
        Assert.Equal(exchange.ClientCookie, Assert.Single(ownEvents, e => e.Type == KernelEventType.Connect).SocketCookie);
        Assert.Single(childEvents, e => e.Type == KernelEventType.Connect);
    }

    [RequiresKernelFact]
    public async Task A_reader_that_stops_shows_as_time_limited_by_its_window()
    {
        const int total = 4 << 20;
        // Not smaller: where a segment outgrows the buffer it is dropped, and then loss limits the sender.
        using var loopback = Loopback.IPv4(receiveBuffer: 128 << 10);
        await using var recording = Recording.Start(loopback.Options);
        var (client, server) = loopback.Connect();
        using (client)
        using (server)
        {
            client.Send(new byte[101]);
            Assert.Equal(101, server.Receive(new byte[101]));
            var sending = Task.Run(() => client.Send(new byte[total]));
            Recording.WaitUntil("the first bytes", () => server.Available > 0);
            await Task.Delay(300);
            var buffer = new byte[1 << 16];
            for (var left = total; left > 0;)
                left -= server.Receive(buffer);
            Assert.Equal(total, await sending);
        }

        recording.WaitFor(2, KernelEventType.Close);
        var events = await recording.StopWithoutLossAsync();

        // A signal (the runtime's own) may cut the long send in pieces.
        var sends = events.Where(e => e.Type == KernelEventType.Send).OrderBy(e => e.TimestampNs).ToList();
        Assert.Equal(101, sends[0].Bytes);
        Assert.Equal(101 + total, sends.Sum(e => e.Bytes));
        Assert.Equal(0ul, sends[0].RwndLimitedNs);
        Assert.True(sends[^1].RwndLimitedNs > 0, $"never limited by the window: {events.Max(e => e.TotalRetrans)} retransmits, drops {events.Count(e => e.Type == KernelEventType.Drop)}");
        var close = Assert.Single(events, e => e.Type == KernelEventType.Close && e.SocketCookie == sends[0].SocketCookie);
        Assert.True(close.RwndLimitedNs >= sends[^1].RwndLimitedNs);
    }

    private static async Task CheckExchangesAsync(Loopback loopback)
    {
        await using var recording = Recording.Start(loopback.Options);
        var (exchanges, comm) = await Task.Run(() => (
            Sizes.Select(size => loopback.Run(size.Request, size.Response)).ToList(),
            File.ReadAllText("/proc/self/comm").TrimEnd('\n')));
        recording.WaitFor(2 * Sizes.Length, KernelEventType.Close);

        var events = await recording.StopWithoutLossAsync();

        Assert.Equal(31, exchanges.Count);
        Assert.Equal(62, exchanges.SelectMany(exchange => new[] { exchange.ClientCookie, exchange.ServerCookie }).Distinct().Count());
        foreach (var (type, count) in new[]
                 {
                     (KernelEventType.Connect, 31), (KernelEventType.Accept, 31), (KernelEventType.Send, 62),
                     (KernelEventType.Recv, 124), (KernelEventType.Close, 62), (KernelEventType.Lost, 0),
                     (KernelEventType.ResetSent, 0), (KernelEventType.ResetReceived, 0), (KernelEventType.None, 0),
                 })
            Assert.Equal((type, count), (type, events.Count(e => e.Type == type)));

        var bySocket = events.Where(e => e.SocketCookie != 0).ToLookup(e => e.SocketCookie);
        foreach (var exchange in exchanges)
        {
            CheckEnd([.. bySocket[exchange.ClientCookie]], exchange.Client, exchange.Server, exchange.Request, exchange.Response, comm);
            CheckEnd([.. bySocket[exchange.ServerCookie]], exchange.Server, exchange.Client, exchange.Response, exchange.Request, comm);
            var connect = Assert.Single(bySocket[exchange.ClientCookie], e => e.Type == KernelEventType.Connect);
            Assert.Equal((TcpState.SynSent, TcpState.Established, 0), (connect.OldState, connect.NewState, connect.Error));
            Assert.InRange(connect.SinceNs, 1ul, connect.TimestampNs);
            Assert.All(bySocket[exchange.ClientCookie], e => Assert.Equal(SocketRole.Active, e.Role));
            var accept = Assert.Single(bySocket[exchange.ServerCookie], e => e.Type == KernelEventType.Accept);
            Assert.Equal((TcpState.SynRecv, TcpState.Established), (accept.OldState, accept.NewState));
            Assert.All(bySocket[exchange.ServerCookie], e => Assert.Equal(SocketRole.Passive, e.Role));
        }
    }

    private static void CheckEnd(List<KernelEvent> events, Endpoint local, Endpoint peer, int sent, int received, string comm)
    {
        Assert.All(events, e => Assert.Equal((local, peer), (e.Local, e.Peer)));
        Assert.Single(events.Select(e => e.NetnsCookie).Distinct());

        var send = Assert.Single(events, e => e.Type == KernelEventType.Send);
        Assert.Equal((sent, (ulong)sent), (send.Bytes, send.Written));
        var recv = events.Where(e => e.Type == KernelEventType.Recv).OrderBy(e => e.TimestampNs).ToList();
        Assert.Equal([received, 0], recv.Select(e => e.Bytes));
        Assert.All(recv, e => Assert.Equal(((ulong)received, (ulong)received), (e.Received, e.Copied)));
        Assert.Equal(StreamFlags.FinReceived, recv[1].Flags & StreamFlags.FinReceived);
        var close = Assert.Single(events, e => e.Type == KernelEventType.Close);
        Assert.Equal(((ulong)sent, (ulong)sent), (close.Written, close.Acked));
        Assert.Equal(((ulong)received, (ulong)received), (close.Received, close.Copied));
        Assert.Equal(StreamFlags.FinSent | StreamFlags.FinReceived, close.Flags);
        foreach (var e in new[] { send, recv[0], recv[1], close })
            Assert.Equal(((uint)Environment.ProcessId, comm), (e.Pid, e.Comm.ToString()));
        Assert.All(events, e => Assert.InRange(e.Acked, 0ul, e.Written));
        Assert.All(events, e => Assert.InRange(e.Copied, 0ul, e.Received));
    }

    private static bool IsPrime(int number) => Enumerable.Range(2, (int)Math.Sqrt(number)).All(divisor => number % divisor != 0);
}
