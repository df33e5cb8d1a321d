using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CrossLayer.Probe.Hooks;
using CrossLayer.Tests;

namespace CrossLayer.Probe.Tests;

/// <summary>Programs that are interrupted by their own tracepoint (bpf/deputies.h).</summary>
public sealed class DeputyTests
{
    private const int Senders = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>One of two CPUs receives what the other sends, and is inside a program of the probe's when it comes.</summary>
    [RequiresKernelFact("ip")]
    public async Task What_interrupts_a_program_is_told_once_by_its_deputy()
    {
        const int enough = 50;
        using var host = new NetworkNamespace("deputies");
        NetworkNamespace.Command("ip", $"-n {host.Name} link set lo up");
        host.ReceiveOnAllProcessors();
        using var listener = host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(64);
        var server = (IPEndPoint)listener.LocalEndPoint!;
        await using var probe = KernelProbe.Start(new ProbeOptions { Filter = new ProbeFilter { Ports = [(ushort)server.Port] } });
        using var trace = BirthTrace.IsAvailable ? new BirthTrace(server.Port) : null;
        var births = new List<ulong>();
        var reading = ReadBirthsAsync(probe, births);

        var (watch, accepted, skipped) = (Stopwatch.StartNew(), 0, 0UL);
        while (skipped < enough && watch.Elapsed < Patience)
        {
            accepted += Converse(host, listener, server, 100);
            skipped = probe.Programs.Skipped();
        }

        await probe.StopAsync();
        await reading;

        var counters = probe.Counters;
        Assert.True(skipped >= enough, $"the kernel skipped {skipped} runs in {accepted} connections: nothing was put to the test");
        // Programs that copy fields keep their states in a hash, which before Linux 6.7 may be closed to what interrupts one of them (docs/hooks.md).
        if (Environment.OSVersion.Version >= new Version(6, 7) || !probe.Hooks.Any(hook => hook.Kind is HookKind.Kprobe or HookKind.RawTracepoint))
            Assert.Equal(0ul, counters.Lost);
        // A few come in the nanoseconds between the program's start and its engagement, or between its end and that of its run.
        Assert.InRange(counters.Missed + counters.Lost, 0ul, skipped / 4);
        Assert.Equal(births.Count, births.Distinct().Count());
        // There are kernels that start no program while a certain process runs, and count nothing (docs/hooks.md).
        var untold = accepted * 0.01;
        if (trace?.Count() is var (all, inFirstProcess))
        {
            Assert.Equal(accepted, all);
            untold = inFirstProcess;
        }

        Assert.InRange(births.Count, accepted - untold - counters.Missed - counters.Lost, accepted);
    }

    private static async Task ReadBirthsAsync(KernelProbe probe, List<ulong> births)
    {
        await foreach (var batch in probe.Batches.ReadAllAsync())
        {
            using (batch)
            {
                foreach (ref readonly var e in batch.Events)
                    if (e.Type == KernelEventType.Accept)
                        births.Add(e.SocketCookie);
            }
        }
    }

    /// <summary>Short connections, several at once; how many were accepted.</summary>
    private static int Converse(NetworkNamespace host, Socket listener, IPEndPoint server, int each)
    {
        var serving = Task.Run(() =>
        {
            for (var i = 0; i < Senders * each; i++)
            {
                using var connection = listener.Accept();
                _ = connection.Send([1]);
            }
        });
        var clients = Enumerable.Range(0, Senders).Select(_ => Task.Run(() => host.Run(() =>
        {
            for (var i = 0; i < each; i++)
            {
                using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(server);
                _ = client.Receive(new byte[1]);
                // Without TIME_WAIT, which would use up the ports.
                client.LingerState = new LingerOption(true, 0);
            }

            return 0;
        })));
        Task.WaitAll([serving, .. clients]);
        return Senders * each;
    }
}
