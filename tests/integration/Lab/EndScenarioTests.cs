using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CrossLayer.Host.Lab;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>Faults of the server's and the client's host, and what they do to real connections.</summary>
[Collection("lab")]
public sealed class EndScenarioTests
{
    [RequiresLabFact]
    public async Task A_full_accept_queue_takes_no_SYN()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("accept_queue_overflow");
        await run.Client.ConnectAsync();
        await LabRun.AssertNotYetAppliedAsync(fault);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Client.ConnectAsync(1.5));
        await LabRun.AssertAppliedAsync(fault);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task Where_nobody_listens_a_connection_is_refused()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("no_listener");
        await LabRun.AssertNotYetAppliedAsync(fault);
        var refused = await Assert.ThrowsAsync<SocketException>(() => run.Client.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        await LabRun.AssertAppliedAsync(fault);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task A_server_that_aborts_resets_the_connection()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("server_abort");
        await LabRun.AssertNotYetAppliedAsync(fault);
        var reset = await Assert.ThrowsAsync<SocketException>(() => run.Client.AskAsync(100));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        await LabRun.AssertAppliedAsync(fault);
        Assert.True(NetstatCounters.Of(run.Network.Server)["Tcp.OutRsts"] > 0);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task A_slow_handler_is_slow_and_the_kernel_counts_nothing()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("slow_handler", Intensity.Medium);
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(100, await run.Client.AskAsync(100));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.49, 2);
        await LabRun.AssertAppliedAsync(fault);
        Assert.Equal(0, NetstatCounters.Of(run.Network.Server)["Tcp.RetransSegs"]);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task What_the_server_s_host_drops_is_sent_again()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("local_egress_drop");
        await LabRun.AssertNotYetAppliedAsync(fault);
        // 35 packets each, of which one in ten is dropped.
        for (var i = 0; i < 5 && !(await fault.VerifyAsync()).Applied; i++)
            Assert.Equal(50_000, await run.Client.AskAsync(50_000));
        await LabRun.AssertAppliedAsync(fault);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task A_slow_reader_tells_the_server_that_it_has_no_room()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("slow_reader", Intensity.Medium);
        await LabRun.AssertNotYetAppliedAsync(fault);
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(200_000, await run.Client.AskAsync(200_000));
        Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds > 0.9);
        await LabRun.AssertAppliedAsync(fault);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task With_all_local_ports_taken_no_connection_begins()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("port_exhaustion");
        for (var i = 0; i < 4; i++)
        {
            await LabRun.AssertNotYetAppliedAsync(fault);
            await run.Client.ConnectAsync();
        }

        var refused = await Assert.ThrowsAsync<SocketException>(() => run.Client.ConnectAsync());
        Assert.Equal(SocketError.AddressNotAvailable, refused.SocketErrorCode);
        await LabRun.AssertAppliedAsync(fault);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task A_server_of_its_own_process_answers_in_the_lab_and_while_it_is_stalled_does_not()
    {
        await using var network = await LabNetwork.CreateAsync();
        var folder = Directory.CreateTempSubdirectory("crosslayer-").FullName;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var process = network.Server.Start(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "CrossLayer.Host.dll"), "serve",
                "--address", LabNetwork.ServerAddress.ToString(), "--output", Path.Combine(folder, "records.json"),
            ],
            line =>
            {
                if (line.StartsWith("listening on", StringComparison.Ordinal))
                    ready.TrySetResult();
            });
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var client = network.Client.RunIn(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await client.ConnectAsync(new IPEndPoint(LabNetwork.ServerAddress, 8080));
        Assert.True(await IsAnsweredAsync(client, 5));

        var fault = await ScenarioCatalog.Of("process_stall").ArmAsync(new LabSetup(network, new ServerProcess(process)), Intensity.High);
        Assert.False(await IsAnsweredAsync(client, 0.7));
        await LabRun.AssertAppliedAsync(fault);
        await fault.LiftAsync();
        Assert.True((await client.ReceiveAsync(new byte[4096]).WaitAsync(TimeSpan.FromSeconds(2))) > 0);
        client.Dispose();
        await process.DisposeAsync();
        Assert.False(process.IsRunning);
        Directory.Delete(folder, recursive: true);
    }

    [RequiresLabFact]
    public async Task A_behaviour_that_nobody_obeys_is_an_error()
    {
        await using var network = await LabNetwork.CreateAsync();
        var error = await Assert.ThrowsAsync<LabException>(
            () => ScenarioCatalog.Of("server_abort").ArmAsync(new LabSetup(network), Intensity.Low));
        Assert.Equal("server_abort is a behaviour of the lab's server, and this lab has none: give it one", error.Message);
    }

    private static async Task<bool> IsAnsweredAsync(Socket client, double seconds)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: lab\r\n\r\n"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            return await client.ReceiveAsync(new byte[4096], limit.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class ServerProcess(LabProcess process) : ILabServer
    {
        public LabProcess? Process => process;

        public Task<long> MisbehavedAsync(CancellationToken cancellation) => Task.FromResult(0L);

        public Task BehaveAsync(ServerBehaviour behaviour, CancellationToken cancellation) => Task.CompletedTask;
    }
}
