using System.Net;
using System.Net.Sockets;
using CrossLayer.Probe.Hooks;

namespace CrossLayer.Probe.Tests;

/// <summary>Whatever hooks tell of it, the same traffic makes the same events.</summary>
public sealed class HookStreamTests
{
    private static readonly KernelEventType[] Certain =
    [
        KernelEventType.Connect, KernelEventType.Accept, KernelEventType.Send, KernelEventType.Recv, KernelEventType.State,
        KernelEventType.Close, KernelEventType.ResetSent, KernelEventType.ResetReceived,
    ];

    [RequiresHooksFact(HookChoice.Fentry)]
    public Task Fentry_tells_the_same_as_the_hooks_chosen_here() => CompareAsync(HookChoice.Fentry);

    [RequiresHooksFact(HookChoice.Kprobe)]
    public Task Kprobes_tell_the_same_as_the_hooks_chosen_here() => CompareAsync(HookChoice.Kprobe);

    [RequiresHooksFact(HookChoice.Tracepoint)]
    public Task Tracepoints_tell_the_same_as_the_hooks_chosen_here() => CompareAsync(HookChoice.Tracepoint);

    [RequiresHooksFact(HookChoice.RawTracepoint)]
    public Task Raw_tracepoints_tell_the_same_as_the_hooks_chosen_here() => CompareAsync(HookChoice.RawTracepoint);

    /// <summary>One thread does everything in turn, so that nothing but the time may differ between two probes.</summary>
    private static async Task CompareAsync(HookChoice hooks)
    {
        using var loopback = Loopback.IPv4();
        using var loopback6 = Loopback.IPv6();
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new ProbeOptions { Filter = new ProbeFilter { Ports = [loopback.Port, loopback6.Port, (ushort)((IPEndPoint)unused.LocalEndPoint!).Port] } };
        await using var chosen = Recording.Start(options);
        await using var other = Recording.Start(options with { Hooks = hooks });

        await Task.Run(() =>
        {
            for (var i = 0; i < 13; i++)
                loopback.Run(101 + i, 1009 * (i + 1));
            loopback6.Run(107, 109);
            CloseUnread(loopback);
            Refuse((IPEndPoint)unused.LocalEndPoint!);
        });
        chosen.WaitFor(30, KernelEventType.Close);
        other.WaitFor(30, KernelEventType.Close);
        var expected = Essence(await chosen.StopWithoutLossAsync());
        var actual = Essence(await other.StopWithoutLossAsync());

        Assert.Equal(expected, actual);
        Assert.Equal(Certain.Order(), expected.Select(e => e.Type).Distinct().Order());
    }

    private static void CloseUnread(Loopback loopback)
    {
        var (client, server) = loopback.Connect();
        using (client)
        {
            client.Send(new byte[1009]);
            Recording.WaitUntil("the request", () => server.Available == 1009);
            server.Dispose();
        }
    }

    private static void Refuse(IPEndPoint target)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => client.Connect(target));
    }

    /// <summary>All that does not depend on when exactly a hook was called.</summary>
    private static List<(KernelEventType Type, string Facts)> Essence(List<KernelEvent> events) =>
    [
        .. events.Where(e => Certain.Contains(e.Type)).Select(e => (e.Type, string.Join(' ',
            e.SocketCookie, e.NetnsCookie, e.Local, e.Peer, e.Role, e.OldState, e.NewState, e.Error, e.Bytes, e.Written, e.Received, e.Copied, e.Flags, e.Pid, e.Comm.ToString())))
            .Order(),
    ];
}
