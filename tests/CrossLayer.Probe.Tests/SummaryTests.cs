namespace CrossLayer.Probe.Tests;

/// <summary>Exchanges told of in summaries: fewer records, and the same streams.</summary>
public sealed class SummaryTests
{
    [RequiresSummariesFact]
    public async Task An_exchange_at_the_server_is_one_record_and_tells_what_its_calls_did()
    {
        const int exchanges = 50;
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(Summarised(loopback));
        var (client, server) = loopback.Connect();
        var (clientCookie, serverCookie) = (Loopback.CookieOf(client), Loopback.CookieOf(server));
        var made = probe.Counters.Made;
        for (var i = 0; i < exchanges; i++)
        {
            Loopback.Move(client, server, 100);
            Loopback.Move(server, client, 1000);
        }

        made = probe.Counters.Made - made;
        client.Dispose();
        server.Dispose();
        var events = await Recording.ReadToEndAsync(probe);

        // Six calls and acknowledgements an exchange, at the two sockets: a record at the server, two at the client, whose request is
        // acknowledged before it has the response.
        Assert.InRange(made, 2ul * exchanges, 3ul * exchanges + 2);
        foreach (var (cookie, sent, received, isServer) in new[] { (serverCookie, 1000ul, 100ul, true), (clientCookie, 100ul, 1000ul, false) })
        {
            var own = events.Where(e => e.SocketCookie == cookie && (e.Type is KernelEventType.Send or KernelEventType.Recv or KernelEventType.Acked)).ToList();
            Assert.Equal(exchanges * sent, (ulong)own.Where(e => e.Type == KernelEventType.Send).Sum(e => (long)e.Bytes));
            Assert.Equal(exchanges * received, (ulong)own.Where(e => e.Type == KernelEventType.Recv).Sum(e => (long)e.Bytes));
            Assert.Equal((exchanges * sent, exchanges * received), (own[^1].Written, own[^1].Copied));
            Assert.Equal(own.Select(e => e.TimestampNs).Order(), own.Select(e => e.TimestampNs));
            Assert.Equal(own.Select(e => e.Written).Order(), own.Select(e => e.Written));
            Assert.All(own.Where(e => e.Type == KernelEventType.Send), e => Assert.Equal(sent, (ulong)e.Bytes));
            Assert.Equal(isServer ? SocketRole.Passive : SocketRole.Active, own[0].Role);
        }

        Assert.All(events.Where(e => (e.Flags & StreamFlags.Summarised) != 0), e => Assert.True(e.SinceNs >= e.TimestampNs));
        Assert.Contains(events, e => e.SocketCookie == serverCookie && e.Acked == exchanges * 1000);
    }

    [RequiresSummariesFact]
    public async Task Many_calls_are_as_few_records()
    {
        const int calls = 400;
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(Summarised(loopback));
        var (client, server) = loopback.Connect();
        var serverCookie = Loopback.CookieOf(server);
        Loopback.Move(client, server, 10);
        Loopback.DelayAcknowledgements(client);
        var made = probe.Counters.Made;
        // None is acknowledged at once; and nobody reads before all is written, for which the client's window has room.
        for (var i = 0; i < calls; i++)
            Assert.Equal(50, server.Send(new byte[50]));
        made = probe.Counters.Made - made;
        client.Dispose();
        server.Dispose();
        var events = await Recording.ReadToEndAsync(probe);

        Assert.InRange(made, 0ul, calls / 10ul);
        var sent = events.Where(e => e.SocketCookie == serverCookie && e.Type == KernelEventType.Send).ToList();
        Assert.Equal(calls * 50, sent.Sum(e => e.Bytes));
        Assert.Equal(calls * 50ul, sent[^1].Written);
    }

    [RequiresSummariesFact]
    public async Task What_is_kept_is_told_before_the_close_that_ends_it()
    {
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(Summarised(loopback));
        var (client, server) = loopback.Connect();
        var serverCookie = Loopback.CookieOf(server);
        Loopback.Move(client, server, 77);
        // The server never answers: nothing ends the exchange.
        client.Dispose();
        Assert.Equal(0, server.Receive(new byte[1]));
        server.Dispose();
        var events = await Recording.ReadToEndAsync(probe);

        var own = events.Where(e => e.SocketCookie == serverCookie).ToList();
        var read = own.FindIndex(e => e.Type == KernelEventType.Recv && e.Bytes == 77);
        Assert.InRange(read, 0, own.FindIndex(e => e.Type == KernelEventType.Close) - 1);
        Assert.True((own[read].Flags & StreamFlags.Summarised) != 0);
        Assert.Equal((StreamFlags)0, own[read].Flags & StreamFlags.FinReceived);
    }

    [RequiresSummariesFact]
    public async Task What_is_read_while_a_send_has_not_returned_is_told_by_itself()
    {
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(Summarised(loopback));
        var (client, server) = loopback.Connect();
        var serverCookie = Loopback.CookieOf(server);
        Loopback.Move(client, server, 77);
        Loopback.Move(server, client, 1000);
        // More than the buffers of both ends hold: it returns when the client reads.
        var response = new byte[32 << 20];
        var sending = Task.Run(() => server.Send(response));
        while (client.Available < 64 << 10)
            await Task.Delay(1);
        Loopback.Move(client, server, 88);
        Assert.False(sending.IsCompleted);
        for (var left = response.Length; left > 0;)
            left -= client.Receive(new byte[1 << 20]);
        Assert.Equal(response.Length, await sending);
        client.Dispose();
        server.Dispose();
        var events = await Recording.ReadToEndAsync(probe);

        var calls = events.Where(e => e.SocketCookie == serverCookie && e.Bytes > 0 && (e.Type is KernelEventType.Send or KernelEventType.Recv)).ToList();
        var read = calls.Single(e => e.Bytes == 88);
        Assert.Equal((StreamFlags)0, read.Flags & StreamFlags.Summarised);
        Assert.True(read.Written > 1000, "the bytes of the send are in the stream");
        Assert.True(calls.Single(e => e.Bytes == response.Length).TimestampNs > read.TimestampNs);
        Assert.True((calls.Single(e => e.Bytes == 77).Flags & StreamFlags.Summarised) != 0);
    }

    [RequiresSummariesFact]
    public async Task The_mode_changes_while_a_connection_is_in_use()
    {
        using var loopback = Loopback.IPv4();
        await using var probe = KernelProbe.Start(loopback.Options);
        var (client, server) = loopback.Connect();
        var serverCookie = Loopback.CookieOf(server);
        foreach (var mode in new[] { ProbeMode.Full, ProbeMode.Summary, ProbeMode.Full, ProbeMode.Summary })
        {
            probe.Change(loopback.Options.Filter, mode);
            Assert.Equal(mode == ProbeMode.Summary, probe.Summarises);
            Loopback.Move(client, server, 100);
            probe.Change(loopback.Options.Filter, mode == ProbeMode.Full ? ProbeMode.Summary : ProbeMode.Full);
            Loopback.Move(server, client, 1000);
        }

        client.Dispose();
        server.Dispose();
        var events = await Recording.ReadToEndAsync(probe);

        var calls = events.Where(e => e.SocketCookie == serverCookie && e.Bytes > 0 && (e.Type is KernelEventType.Send or KernelEventType.Recv)).ToList();
        Assert.Equal([100, 1000, 100, 1000, 100, 1000, 100, 1000], calls.Select(e => e.Bytes));
        Assert.Equal([100ul, 200, 300, 400], calls.Where(e => e.Type == KernelEventType.Recv).Select(e => e.Copied));
        Assert.Equal([1000ul, 2000, 3000, 4000], calls.Where(e => e.Type == KernelEventType.Send).Select(e => e.Written));
        // Each change is marked.
        Assert.Contains(events, e => e is { Type: KernelEventType.Lost, LostEvents: 0 });
    }

    private static ProbeOptions Summarised(Loopback loopback) => loopback.Options with { Hooks = Recording.Hooks, Mode = ProbeMode.Summary };
}
