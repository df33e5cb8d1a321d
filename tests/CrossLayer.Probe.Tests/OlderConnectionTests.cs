using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Connections that were there before the probe.</summary>
public sealed class OlderConnectionTests
{
    [RequiresKernelFact]
    public async Task Both_ends_are_reported_with_their_role_and_offsets()
    {
        using var loopback = Loopback.IPv4();
        var (client, server) = loopback.Connect();
        using (client)
        using (server)
        {
            Loopback.Move(client, server, 1009);
            Loopback.Move(server, client, 2003);
            var (clientCookie, serverCookie) = (Loopback.CookieOf(client), Loopback.CookieOf(server));
            await using var recording = Recording.Start(loopback.Options);
            recording.WaitFor(2, KernelEventType.State);
            Loopback.Move(client, server, 101);
            Loopback.Move(server, client, 103);
            var events = await recording.StopWithoutLossAsync();

            var present = events.Where(e => e.Type == KernelEventType.State).ToDictionary(e => e.SocketCookie);
            Assert.Equal((SocketRole.Active, 1009ul, 1009ul, 2003ul), Summary(present[clientCookie]));
            Assert.Equal((SocketRole.Passive, 2003ul, 2003ul, 1009ul), Summary(present[serverCookie]));
            Assert.All(present.Values, e => Assert.Equal((TcpState.Established, TcpState.Established), (e.OldState, e.NewState)));
            Assert.All(events.Where(e => e.SocketCookie == clientCookie), e => Assert.Equal(SocketRole.Active, e.Role));
            Assert.All(events.Where(e => e.SocketCookie == serverCookie), e => Assert.Equal(SocketRole.Passive, e.Role));
            Assert.Equal(1110ul, Assert.Single(events, e => e.Type == KernelEventType.Send && e.SocketCookie == clientCookie).Written);
            Assert.Equal(2106ul, Assert.Single(events, e => e.Type == KernelEventType.Send && e.SocketCookie == serverCookie).Written);
        }
    }

    [RequiresKernelFact]
    public async Task A_connection_on_which_nothing_was_sent_has_roles_too()
    {
        using var loopback = Loopback.IPv6();
        var (client, server) = loopback.Connect();
        using (client)
        using (server)
        {
            await using var recording = Recording.Start(loopback.Options);
            recording.WaitFor(2, KernelEventType.State);
            var events = await recording.StopWithoutLossAsync();

            Assert.Equal(SocketRole.Active, Assert.Single(events, e => e.SocketCookie == Loopback.CookieOf(client)).Role);
            Assert.Equal(SocketRole.Passive, Assert.Single(events, e => e.SocketCookie == Loopback.CookieOf(server)).Role);
        }
    }

    [RequiresKernelFact]
    public async Task A_connection_that_only_ends_is_counted_to_its_last_byte()
    {
        using var loopback = Loopback.IPv4();
        var (client, server) = loopback.Connect();
        Loopback.Move(client, server, 1009);
        var clientCookie = Loopback.CookieOf(client);
        await using var recording = Recording.Start(loopback.Options);
        client.Dispose();
        server.Dispose();
        recording.WaitFor(2, KernelEventType.Close);
        var events = await recording.StopWithoutLossAsync();

        var close = Assert.Single(events, e => e.Type == KernelEventType.Close && e.SocketCookie == clientCookie);
        Assert.Equal((SocketRole.Active, 1009ul, 1009ul, 0ul), Summary(close));
    }

    private static (SocketRole Role, ulong Written, ulong Acked, ulong Received) Summary(KernelEvent e) =>
        (e.Role, e.Written, e.Acked, e.Received);
}
