using System.Diagnostics;
using System.Net.Sockets;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Integration.Tests.Shapes;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Loss;

/// <summary>Packets that are lost between two hosts, and what the kernel does about it.</summary>
[Collection("shapes")]
public sealed class LossTests
{
    [RequiresLossyPathFact]
    public async Task A_lost_response_segment_is_the_request_s_own_and_its_time_is_recovery()
    {
        var run = await ShapeRun.OfAsync("loss-of-response-once", (script, path) => ThreeRequests(script, path, 1));
        await run.AssertAsync(Reporters.Both, correlations =>
        {
            ShapeAssert.AllHealthy(correlations, Reporters.Both, run.Requests);
            OnlyTheSecondRecovered(correlations, run);
        });
    }

    [RequiresLossyPathFact]
    public async Task A_response_segment_that_is_lost_three_times_in_a_row_is_no_chance()
    {
        var run = await ShapeRun.OfAsync("loss-of-response-thrice", (script, path) => ThreeRequests(script, path, 3));
        await run.AssertAsync(Reporters.Both, correlations =>
        {
            ShapeAssert.Healthy(correlations, Reporters.Both, run.Requests[0]);
            ShapeAssert.Healthy(correlations, Reporters.Both, run.Requests[2]);
            var hit = OnlyTheSecondRecovered(correlations, run);
            Assert.Equal((Verdict.Discrepant, Cause.SilentResponseLoss, BlindLayer.Application), (hit.Finding.Verdict, hit.Finding.Cause, hit.Finding.BlindLayer));
            Assert.Equal(3, correlations.Count);
        });
    }

    [RequiresLossyPathFact]
    public async Task A_lost_SYN_is_sent_again_and_its_time_is_the_connect_s()
    {
        var connectMs = 0d;
        var run = await ShapeRun.OfAsync("loss-of-syn", (script, path) => connectMs = Connecting(script, path, LossyPath.FromClient + LossyPath.Syn));
        await run.AssertAsync(Reporters.Both, correlations =>
        {
            var correlation = ConnectWasSlow(correlations, run, connectMs);
            Assert.Equal((1, 0), (correlation.ClientExchange!.SynRetransmits, correlation.ServerExchange!.SynRetransmits));
            Assert.Equal(Cause.PathLoss, correlation.Finding.Cause);
        });
    }

    [RequiresLossyPathFact]
    public async Task A_lost_SYN_ACK_is_sent_again_by_the_server()
    {
        var connectMs = 0d;
        var run = await ShapeRun.OfAsync("loss-of-syn-ack", (script, path) => connectMs = Connecting(script, path, LossyPath.FromServer + LossyPath.SynAck));
        await run.AssertAsync(Reporters.Both, correlations =>
        {
            var correlation = ConnectWasSlow(correlations, run, connectMs);
            Assert.InRange(correlation.ServerExchange!.SynRetransmits, 1, 2);
            Assert.Equal(Cause.SynackLoss, correlation.Finding.Cause);
        });
    }

    [RequiresLossyPathFact]
    public async Task A_response_that_never_arrives_is_lost_in_silence()
    {
        var run = await ShapeRun.OfAsync("loss-of-response-for-good", (script, path) =>
        {
            var request = LosesAnswer(script, path);
            GivesUp(request);
            // Sent again after 0.2 s, and then after ever longer: 3 s pass, for which an exchange waits, before it is for the sixth time.
            ShapeScript.Pass(5500);
            request.Connection.Client.Close(0);
        });
        await run.AssertAsync(Reporters.Server, correlations => IsSilentLoss(correlations, Reporters.Server, run));
        await run.AssertAsync(Reporters.Both, correlations => IsSilentLoss(correlations, Reporters.Both, run));
    }

    [RequiresLossyPathFact]
    public async Task A_reset_that_the_server_sends_long_after_a_lost_response_is_not_injected()
    {
        var run = await ShapeRun.OfAsync("loss-of-response-late-reset", (script, path) =>
        {
            var request = LosesAnswer(script, path);
            GivesUp(request);
            request.Connection.Client.Dispose();
            ShapeScript.Pass(5500);
            path.Heal();
            request.Connection.Server.Close(0);
        });
        await run.AssertAsync(Reporters.Server, correlations => IsSilentLoss(correlations, Reporters.Server, run));
        await run.AssertAsync(Reporters.Both, correlations => IsSilentLoss(correlations, Reporters.Both, run));
    }

    [RequiresLossyPathFact]
    public async Task A_response_sent_again_because_its_acknowledgement_was_lost_is_no_discrepancy()
    {
        var run = await ShapeRun.OfAsync("loss-of-ack", (script, path) =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            // The acknowledgement of the first response is through. The next one that the client sends by itself is the second's.
            ShapeScript.Pass(100);
            path.Lose(LossyPath.FromClient + LossyPath.PureAck, 1);
            var request = connection.Request("GET", "/again");
            var (asked, answer) = (Http.Request("GET", "/again"), Http.Response(200, 700));
            request.ClientWrites(asked);
            request.ServerReads(asked.Length);
            request.ServerWrites(answer);
            request.ClientReads(answer.Length);
            request.BothReport(200);
            ShapeScript.Pass(600);
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 65));
            connection.CloseByClient();
        });
        foreach (var reporters in Enum.GetValues<Reporters>())
        {
            await run.AssertAsync(reporters, correlations =>
            {
                ShapeAssert.AllHealthy(correlations, reporters, run.Requests);
                int[] sentAgain = [.. run.Requests.Select(request => ShapeAssert.Matched(correlations, reporters, request).ServerExchange!.Retransmits)];
                Assert.Equal([0, 1, 0], sentAgain);
            });
        }
    }

    /// <summary>Three requests on a connection; of the second's response the last segment is lost, so many times.</summary>
    private static void ThreeRequests(ShapeScript script, LossyPath path, int losses)
    {
        var connection = script.Connect();
        connection.Exchange(Http.Request("GET", "/1"), Http.Response(200, 100));
        ShapeScript.Pass(100);
        path.Lose(LossyPath.FromServer + LossyPath.Data, losses);
        connection.Exchange(Http.Request("GET", "/2"), Http.Response(200, 200));
        connection.Exchange(Http.Request("GET", "/3"), Http.Response(200, 300));
        connection.CloseByClient();
    }

    private static Correlation OnlyTheSecondRecovered(IReadOnlyList<Correlation> correlations, ShapeRun run)
    {
        foreach (var request in new[] { run.Requests[0], run.Requests[2] })
        {
            var spared = ShapeAssert.Matched(correlations, Reporters.Both, request);
            Assert.Equal((0, 0, 0L), (spared.ClientExchange!.Retransmits, spared.ServerExchange!.Retransmits, spared.ServerExchange.RecoveryNs));
        }

        var hit = ShapeAssert.Matched(correlations, Reporters.Both, run.Requests[1]);
        ShapeAssert.HasItsBytes(hit, run.Requests[1]);
        Assert.InRange(hit.ServerExchange!.Retransmits, 1, 4);
        Assert.Equal(0, hit.ServerExchange.UnackedBytes);
        var latency = run.Requests[1].Client.LatencyMs;
        Assert.InRange(hit.Ledger.RecoveryMs!.Value, latency / 2, latency);
        Assert.InRange(hit.DeliveredMs!.Value, latency / 2, latency * 2);
        return hit;
    }

    /// <summary>A request on a connection for which the first packet that matches is lost; the client's clock begins with connect.</summary>
    private static double Connecting(ShapeScript script, LossyPath path, string lost)
    {
        path.Lose(lost, 1);
        var started = Stopwatch.GetTimestamp();
        var startUnixNs = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;
        var connection = script.Connect();
        var connectMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var request = connection.Request();
        var (asked, answer) = (Http.Request("GET", "/"), Http.Response(200, 64));
        request.ClientWrites(asked);
        request.ServerReads(asked.Length);
        request.ServerWrites(answer);
        request.ClientReads(answer.Length);
        request.ServerReports(200);
        var latencyMs = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        request.ClientReports(200, record => record with { StartUnixNs = startUnixNs, LatencyMs = latencyMs });
        connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 65));
        connection.CloseByClient();
        return connectMs;
    }

    private static Correlation ConnectWasSlow(IReadOnlyList<Correlation> correlations, ShapeRun run, double connectMs)
    {
        ShapeAssert.Healthy(correlations, Reporters.Both, run.Requests[1]);
        var later = ShapeAssert.Matched(correlations, Reporters.Both, run.Requests[1]);
        Assert.Equal((0, 0), (later.ClientExchange!.SynRetransmits, later.ServerExchange!.SynRetransmits));
        Assert.Equal(2, correlations.Count);
        var correlation = ShapeAssert.Matched(correlations, Reporters.Both, run.Requests[0]);
        ShapeAssert.HasItsBytes(correlation, run.Requests[0]);
        Assert.Equal((0, 0), (correlation.ClientExchange!.Retransmits, correlation.ServerExchange!.Retransmits));
        Assert.InRange(correlation.Ledger.ConnectMs!.Value, connectMs / 2, connectMs);
        Assert.Equal((Verdict.Discrepant, BlindLayer.Application), (correlation.Finding.Verdict, correlation.Finding.BlindLayer));
        return correlation;
    }

    /// <summary>The second request of a connection is answered, and nothing comes back from the server any more.</summary>
    private static ScriptedRequest LosesAnswer(ShapeScript script, LossyPath path)
    {
        var connection = script.Connect();
        connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
        var request = connection.Request("GET", "/lost");
        var asked = Http.Request("GET", "/lost");
        request.ClientWrites(asked);
        request.ServerReads(asked.Length);
        // The request is acknowledged before the way back ends: the client's kernel has nothing to send again.
        ShapeScript.Pass(100);
        path.LoseAll(LossyPath.FromServer);
        request.ServerWrites(Http.Response(200, 700));
        request.ServerReports(200);
        return request;
    }

    /// <summary>The client waits for an answer for as long as it likes.</summary>
    private static void GivesUp(ScriptedRequest request)
    {
        request.Connection.Client.ReceiveTimeout = 1500;
        Assert.Throws<SocketException>(() => request.Connection.Client.Receive(new byte[1]));
        request.Client.End();
        request.ClientReports(0, record => record with { Result = RequestResult.Timeout, ErrorType = "timeout" });
    }

    private static void IsSilentLoss(IReadOnlyList<Correlation> correlations, Reporters reporters, ShapeRun run)
    {
        ShapeAssert.Healthy(correlations, reporters, run.Requests[0]);
        var lost = ShapeAssert.Matched(correlations, reporters, run.Requests[1]);
        Assert.Equal((Verdict.Discrepant, Cause.SilentResponseLoss, BlindLayer.Application),
            (lost.Finding.Verdict, lost.Finding.Cause, lost.Finding.BlindLayer));
        Assert.Equal(lost.ServerExchange!.Response.Length, lost.ServerExchange.UnackedBytes);
        Assert.True(lost.ServerExchange.Retransmits > 1);
        Assert.Equal(0, lost.ClientExchange!.Response.Length);
        Assert.Equal(2, correlations.Count);
    }
}
