using System.Net;
using System.Net.Sockets;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>What the daemon's probe watches and how it tells, changed while it runs: by hand, and by itself.</summary>
public sealed class DaemonProbeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [RequiresKernelFact]
    public async Task A_reload_watches_another_port_though_privileges_are_gone()
    {
        using var program = new CrossLayerProgram();
        using var echo = new Echo();
        var file = program.FileIn("daemon.conf");
        await File.WriteAllTextAsync(file, "crosslayer.probe.ports = [1]\n");
        var (outputs, ingest) = (RunningDaemon.FreePort(), RunningDaemon.FreePort());
        await using var daemon = await program.StartAsync(
            "ready: ", "run", "--config", file, "--set", $"outputs.http.listen=127.0.0.1:{outputs}", "--set", $"ingest.http.listen=127.0.0.1:{ingest}",
            "--set", "ingest.otlp-http.listen=off", "--set", "ingest.otlp-grpc.listen=off");
        using var client = new HttpClient();
        echo.Ask(50);
        Assert.Equal(0, await EventsAsync());

        await File.WriteAllTextAsync(file, $"crosslayer.probe {{ ports = [{echo.Port}], mode = summary }}\n");
        await daemon.SignalAsync("HUP");
        await UntilAsync(() => Task.FromResult(daemon.Printed.Contains("configuration read again", StringComparison.Ordinal)), () => daemon.Printed);
        Assert.DoesNotContain("at the next start", daemon.Printed, StringComparison.Ordinal);
        // The change is the actor's, and may come a little later.
        await UntilAsync(
            async () =>
            {
                echo.Ask(1);
                return await EventsAsync() > 0;
            },
            () => daemon.Printed);
        var before = await EventsAsync();
        echo.Ask(50);
        await UntilAsync(async () => await EventsAsync() - before >= 50, () => daemon.Printed);
        await UntilAsync(() => Task.FromResult(daemon.Printed.Contains("kernel_evidence: in summaries", StringComparison.Ordinal)), () => daemon.Printed);

        Assert.Equal(0, await daemon.InterruptAsync().WaitAsync(Patience));

        async Task<double> EventsAsync() => double.Parse(
            (await client.GetStringAsync($"http://127.0.0.1:{outputs}/metrics")).Split('\n')
                .Single(line => line.StartsWith("crosslayer_kernel_events_made_total ", StringComparison.Ordinal)).Split(' ')[1],
            System.Globalization.CultureInfo.InvariantCulture);
    }

    [RequiresKernelFact]
    public async Task Under_pressure_it_goes_over_to_summaries_and_says_so()
    {
        using var program = new CrossLayerProgram();
        using var echo = new Echo();
        // A ring of 341 events, read a hundred times a second.
        await using var daemon = await RunningDaemon.StartAsync(program, echo.Port, "probe.ring-size=64KiB");
        Assert.Equal(0, await daemon.MetricAsync("crosslayer_probe_summarises"));
        using var load = new CancellationTokenSource();
        var asking = Task.Run(() =>
        {
            while (!load.IsCancellationRequested)
                echo.Ask(20);
        });

        await daemon.WaitForAsync("crosslayer_probe_summarises", "", 1);
        await load.CancelAsync();
        await asking;
        await UntilAsync(
            () => Task.FromResult(daemon.Program.Printed.Contains("kernel_evidence: in summaries from now on (crosslayer.probe.mode)", StringComparison.Ordinal)),
            () => daemon.Program.Printed);

        Assert.Equal(0, await daemon.Program.InterruptAsync().WaitAsync(Patience));
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<string> otherwise)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            Assert.False(limit.IsCancellationRequested, otherwise());
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>A server that answers each byte with a byte, and a client of it.</summary>
    private sealed class Echo : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public Echo()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        /// <summary>So many exchanges, on a connection of their own.</summary>
        public void Ask(int exchanges)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(new IPEndPoint(IPAddress.Loopback, Port));
            using var server = _listener.Accept();
            var one = new byte[1];
            for (var i = 0; i < exchanges; i++)
            {
                client.Send(one);
                server.Receive(one);
                server.Send(one);
                client.Receive(one);
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
