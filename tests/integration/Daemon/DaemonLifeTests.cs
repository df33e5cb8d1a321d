using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Daemon;

/// <summary>The daemon and the manager that starts it.</summary>
public sealed class DaemonLifeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [RequiresKernelFact]
    public async Task It_tells_systemd_that_it_is_ready_lives_reloads_and_stops_and_ends_with_0()
    {
        using var program = new CrossLayerProgram();
        using var manager = new Manager(program.FileIn("notify"));
        var file = program.FileIn("daemon.conf");
        await File.WriteAllTextAsync(file, Configuration("information"));
        await using var daemon = await program.StartWithAsync(
            [$"NOTIFY_SOCKET={manager.Path}", "WATCHDOG_USEC=400000"], "ready: ", "run", "--config", file);

        manager.WaitFor("READY=1", 1);
        manager.WaitFor("WATCHDOG=1", 3);

        await File.WriteAllTextAsync(file, Configuration("debug") + "\ncrosslayer.correlation.settle = 700ms\n");
        await daemon.SignalAsync("HUP");
        manager.WaitFor("RELOADING=1", 1);
        manager.WaitFor("READY=1", 2);
        Assert.True(SpinWait.SpinUntil(() => daemon.Printed.Contains("at the next start: crosslayer.correlation.settle", StringComparison.Ordinal), Patience), daemon.Printed);

        await File.WriteAllTextAsync(file, "crosslayer.correlation.settle = [");
        await daemon.SignalAsync("HUP");
        manager.WaitFor("READY=1", 3);
        Assert.True(SpinWait.SpinUntil(() => daemon.Printed.Contains("the old one stays", StringComparison.Ordinal), Patience), daemon.Printed);

        await daemon.SignalAsync("TERM");
        Assert.Equal(0, await daemon.ExitAsync().WaitAsync(Patience));
        manager.WaitFor("STOPPING=1", 1);
        Assert.Contains("stopped: ", daemon.Printed, StringComparison.Ordinal);
    }

    [RequiresKernelFact]
    public async Task Without_privileges_it_ends_with_3()
    {
        using var program = new CrossLayerProgram();

        var (exitCode, _, error) = await program.RunWithoutPrivilegesAsync("run");
        Assert.Equal(3, exitCode);
        Assert.Contains("CAP_BPF", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [RequiresKernelFact]
    public async Task As_a_user_with_two_capabilities_it_starts_as_its_unit_has_it_and_gives_them_up()
    {
        using var program = await CrossLayerProgram.ForNobodyAsync();
        await File.WriteAllTextAsync(program.FileIn("daemon.conf"), Configuration("information"));
        await using var daemon = await program.StartAsNobodyAsync("+bpf,+perfmon", "ready: ", "run", "--config", "daemon.conf");

        var status = await File.ReadAllTextAsync($"/proc/{daemon.ProcessId}/status");

        Assert.Contains("Uid:\t65534\t65534", status, StringComparison.Ordinal);
        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
    }

    [RequiresKernelFact]
    public async Task Once_attached_it_has_no_capability()
    {
        using var program = new CrossLayerProgram();
        await using var daemon = await RunningDaemon.StartAsync(program, 1);

        var status = await File.ReadAllTextAsync($"/proc/{daemon.Program.ProcessId}/status");

        Assert.Contains("CapEff:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("CapPrm:\t0000000000000000", status, StringComparison.Ordinal);
    }

    private static string Configuration(string level) => $$"""
        crosslayer.daemon.log-level = {{level}}
        crosslayer.probe.ports = [1]
        crosslayer.outputs.http.listen = "127.0.0.1:0"
        crosslayer.ingest { http.listen = "127.0.0.1:0", otlp-http.listen = "off", otlp-grpc.listen = "off" }

        """;

    /// <summary>The socket of systemd's manager, as sd_notify(3) has it.</summary>
    private sealed class Manager : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly ConcurrentQueue<string> _told = new();
        private readonly Task _reading;

        public Manager(string path)
        {
            Path = path;
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            _reading = Task.Run(Read);
        }

        public string Path { get; }

        public void WaitFor(string line, int times) => Assert.True(
            SpinWait.SpinUntil(() => _told.Count(told => told == line) >= times, Patience), $"{times} times {line}, got: {string.Join(", ", _told.Distinct())}");

        public void Dispose()
        {
            _socket.Dispose();
            _reading.Wait(Patience);
        }

        private void Read()
        {
            var buffer = new byte[4096];
            try
            {
                while (true)
                {
                    var length = _socket.Receive(buffer);
                    foreach (var line in Encoding.UTF8.GetString(buffer, 0, length).Split('\n'))
                        _told.Enqueue(line);
                }
            }
            catch (SocketException)
            {
                // closed
            }
            catch (ObjectDisposedException)
            {
                // closed
            }
        }
    }
}
