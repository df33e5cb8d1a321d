using System.Diagnostics;
using System.Net.Sockets;
using CrossLayer.Host.Lab;
using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>Faults of the router, and what they do to real connections.</summary>
[Collection("lab")]
public sealed class RouterScenarioTests
{
    [RequiresLabFact]
    public async Task Nothing_is_lost_normally()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("normal");
        Assert.Equal(1_000_000, await run.Client.AskAsync(1_000_000));
        Assert.Equal(0, OutOfOrder(run.Network.Client));
        // A path without delay makes TCP's probes for a lost tail (RFC 8985) premature now and then; nothing else is sent again.
        var server = NetstatCounters.Of(run.Network.Server);
        Assert.InRange(server["Tcp.RetransSegs"], 0, server["TcpExt.TCPLossProbes"]);
        Assert.False((await fault.LiftAsync()).Applied);
    }

    [RequiresLabFact]
    public async Task Path_loss_makes_the_server_send_again()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("path_loss", Intensity.Medium);
        await LabRun.AssertNotYetAppliedAsync(fault);
        Assert.Equal(400_000, await run.Client.AskAsync(400_000));
        var evidence = await fault.VerifyAsync();
        Assert.InRange(evidence.Proof.Value, 1, 150);
        var sentAgain = Retransmits(run.Network.Server);
        Assert.InRange(sentAgain, 1, 300);

        await run.LiftAsync(fault);
        var before = OutOfOrder(run.Network.Client);
        Assert.Equal(400_000, await run.Client.AskAsync(400_000));
        Assert.Equal(before, OutOfOrder(run.Network.Client));
    }

    [RequiresLabFact]
    public async Task Congestion_lets_pass_what_the_bottleneck_carries()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("congestion", Intensity.Medium);
        await LabRun.AssertNotYetAppliedAsync(fault);
        Assert.InRange(await MegabitsAsync(run, 600_000), 5d / 3, 6.5);
        await LabRun.AssertAppliedAsync(fault);
        Assert.True((await fault.VerifyAsync()).Others.Single(reading => reading.Source == "nft").Value > 400);

        await run.LiftAsync(fault);
        Assert.InRange(await MegabitsAsync(run, 600_000), 15, double.MaxValue);
    }

    [RequiresLabFact]
    public async Task A_connect_blackhole_lets_no_SYN_through()
    {
        await using var run = await LabRun.StartAsync();
        var kept = await run.Client.ConnectAsync();
        var fault = await run.ArmAsync("connect_blackhole");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Client.ConnectAsync(1.5));
        Assert.True((await fault.VerifyAsync()).Proof.Value >= 2, "the SYN and its retransmission");
        Assert.Equal(0, run.Network.Server.Connections("03"));
        Assert.Equal(1000, await kept.AskAsync(1000));
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task Of_connections_in_a_partial_blackhole_some_are_made_at_once_and_others_never()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("connect_blackhole", Intensity.Medium);
        var made = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            try
            {
                await run.Client.ConnectAsync(1.5);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }));
        Assert.InRange(made.Count(connected => connected), 25, 57);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task SYN_ACK_loss_leaves_the_server_with_half_a_connection()
    {
        await using var run = await LabRun.StartAsync();
        var fault = await run.ArmAsync("synack_loss");
        await LabRun.AssertNotYetAppliedAsync(fault);
        var connecting = run.Client.ConnectAsync(1.5);
        await Task.Delay(500);
        Assert.Equal(1, run.Network.Server.Connections("03"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting);
        await LabRun.AssertAppliedAsync(fault);
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task An_injected_reset_breaks_the_client_s_side_alone()
    {
        await using var run = await LabRun.StartAsync();
        var connection = await run.Client.ConnectAsync();
        Assert.Equal(100, await connection.AskAsync(100));
        var fault = await run.ArmAsync("injected_reset");
        await LabRun.AssertNotYetAppliedAsync(fault);
        var answered = run.Server.Answered;
        var reset = await Assert.ThrowsAsync<SocketException>(() => connection.AskAsync(100));
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        Assert.Equal(1, (await fault.VerifyAsync()).Proof.Value);
        Assert.Equal(answered, run.Server.Answered);
        Assert.Equal(0, NetstatCounters.Of(run.Network.Server)["Tcp.OutRsts"]);
        // Of the warm-up, which the client left open, and of the one that broke.
        Assert.Equal(2, run.Network.Server.Connections("01"));
        await run.LiftAsync(fault);
    }

    [RequiresLabFact]
    public async Task A_silently_lost_response_was_sent_as_far_as_the_server_knows()
    {
        await using var run = await LabRun.StartAsync();
        var connection = await run.Client.ConnectAsync();
        var fault = await run.ArmAsync("silent_response_loss");
        await LabRun.AssertNotYetAppliedAsync(fault);
        var (answered, sentAgain) = (run.Server.Answered, Retransmits(run.Network.Client));
        Assert.Equal(0, await connection.AskAsync(20_000, 1));
        Assert.Equal(answered + 1, run.Server.Answered);
        Assert.Equal(sentAgain, Retransmits(run.Network.Client));
        await LabRun.AssertAppliedAsync(fault);

        await run.LiftAsync(fault);
        Assert.Equal(20_000, await connection.ReadAsync(20_000, 4));
    }

    [RequiresLabFact]
    public async Task An_idle_connection_is_forgotten_and_a_busy_or_new_one_is_not()
    {
        await using var run = await LabRun.StartAsync();
        var connection = await run.Client.ConnectAsync();
        // Forgotten after 2 s: busy for longer than that, with gaps that stay far below it on a machine that has other work.
        await Task.Delay(2200);
        var fault = await run.ArmAsync("idle_connection_drop", Intensity.Low);
        var busy = Stopwatch.StartNew();
        while (busy.Elapsed < TimeSpan.FromSeconds(3))
        {
            Assert.Equal(1000, await connection.AskAsync(1000, 1));
            await Task.Delay(100);
        }

        await LabRun.AssertNotYetAppliedAsync(fault);
        await Task.Delay(2500);
        var answered = run.Server.Answered;
        Assert.Equal(0, await connection.AskAsync(1000, 0.7));
        Assert.Equal(answered, run.Server.Answered);
        await LabRun.AssertAppliedAsync(fault);
        Assert.Equal(1000, await run.Client.AskAsync(1000, 1));

        await run.LiftAsync(fault);
        Assert.Equal(1000, await connection.ReadAsync(1000, 3));
    }

    [RequiresLabFact]
    public async Task In_an_MTU_blackhole_small_responses_pass_and_large_ones_hang()
    {
        await using var run = await LabRun.StartAsync();
        var connection = await run.Client.ConnectAsync();
        var fault = await run.ArmAsync("mtu_blackhole", Intensity.Medium);
        Assert.Equal(1000, await connection.AskAsync(1000));
        await LabRun.AssertNotYetAppliedAsync(fault);
        var read = await connection.AskAsync(30_000, 1.5);
        Assert.InRange(read, 0, 29_999);
        await LabRun.AssertAppliedAsync(fault);

        await run.LiftAsync(fault);
        Assert.Equal(30_000 - read, await connection.ReadAsync(30_000 - read, 4));
    }

    [RequiresLabFact]
    public async Task Two_faults_are_counted_and_lifted_apart()
    {
        await using var run = await LabRun.StartAsync();
        var reset = await run.ArmAsync("injected_reset");
        var blackhole = await run.ArmAsync("connect_blackhole");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.Client.ConnectAsync(0.5));
        await LabRun.AssertAppliedAsync(blackhole);
        await LabRun.AssertNotYetAppliedAsync(reset);
        await blackhole.LiftAsync();
        await Assert.ThrowsAsync<SocketException>(() => run.Client.AskAsync(100));
        await run.LiftAsync(reset);
    }

    private static async Task<double> MegabitsAsync(LabRun run, int bytes)
    {
        var connection = await run.Client.ConnectAsync();
        var started = Stopwatch.GetTimestamp();
        Assert.Equal(bytes, await connection.AskAsync(bytes));
        return bytes * 8 / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Segments that came after a gap.</summary>
    private static long OutOfOrder(LabNamespace host) => NetstatCounters.Of(host)["TcpExt.TCPOFOQueue"];

    private static long Retransmits(LabNamespace host) => NetstatCounters.Of(host)["Tcp.RetransSegs"];
}
