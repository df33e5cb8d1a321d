using System.Net.Sockets;
using CrossLayer.Actors.Correlations;
using CrossLayer.Tests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>Silent failures that need no faulty network.</summary>
[Collection("shapes")]
public sealed class FaultShapes
{
    [RequiresKernelFact]
    public async Task A_response_that_the_client_closes_upon_unread_was_not_received()
    {
        var run = await ShapeRun.OfAsync("unread-close", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            var request = connection.Request("GET", "/unread");
            var asked = Http.Request("GET", "/unread");
            request.ClientWrites(asked);
            request.ServerReads(asked.Length);
            request.ServerWrites(Http.Response(200, 700));
            request.ServerReports(200);
            connection.Client.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead);
            connection.Client.Dispose();
            Assert.Throws<SocketException>(() => connection.Server.Receive(new byte[1]));
            connection.Server.Dispose();
        });
        await run.AssertAsync(Reporters.Server, correlations =>
        {
            ShapeAssert.Healthy(correlations, Reporters.Server, run.Requests[0]);
            var correlation = ShapeAssert.Matched(correlations, Reporters.Server, run.Requests[1]);
            Assert.Equal((Verdict.Discrepant, Cause.UnreadClose, BlindLayer.Application),
                (correlation.Finding.Verdict, correlation.Finding.Cause, correlation.Finding.BlindLayer));
            Assert.Equal(run.Requests[1].Server.Response, correlation.ServerExchange!.Response);
            Assert.Equal(2, correlations.Count);
        });
    }

    [RequiresKernelTheory, InlineData(Reporters.Client), InlineData(Reporters.Both)]
    public async Task A_request_that_a_library_made_twice_is_a_hidden_retry(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("hidden-retry", script =>
        {
            var stale = script.Connect();
            stale.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            var (asked, answer) = (Http.Request("GET", "/again"), Http.Response(200, 128));
            var started = DateTime.UtcNow;
            ScriptedConnection.Write(stale.Client, asked);
            ScriptedConnection.Read(stale.Server, asked.Length);
            stale.CloseByServer();
            var fresh = script.Connect();
            var request = fresh.Request("GET", "/again");
            request.ClientWrites(asked);
            request.ServerReads(asked.Length);
            request.ServerWrites(answer);
            request.ClientReads(answer.Length);
            request.ServerReports(200);
            // The caller's clock began with the first attempt; the endpoints are those of the last.
            request.ClientReports(200, record => record with
            {
                StartUnixNs = (started - DateTime.UnixEpoch).Ticks * 100,
                LatencyMs = (DateTime.UtcNow - started).TotalMilliseconds,
            });
            fresh.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations =>
        {
            var correlation = ShapeAssert.Matched(correlations, reporters, run.Requests[1]);
            Assert.Equal((Verdict.Discrepant, Cause.HiddenRetry), (correlation.Finding.Verdict, correlation.Finding.Cause));
            ShapeAssert.HasItsBytes(correlation, run.Requests[1]);
            // What was asked in vain is no part of the request before it.
            ShapeAssert.Healthy(correlations, reporters, run.Requests[0]);
        });
    }

    [RequiresKernelFact]
    public async Task A_request_that_the_server_does_not_log_is_unclaimed()
    {
        var run = await ShapeRun.OfAsync("unclaimed-exchange", script =>
        {
            var connection = script.Connect();
            for (var i = 1; i <= 3; i++)
            {
                var request = connection.Request("GET", $"/{i}");
                var (asked, answer) = (Http.Request("GET", $"/{i}"), Http.Response(200, 100 * i));
                request.ClientWrites(asked);
                request.ServerReads(asked.Length);
                request.ServerWrites(answer);
                request.ClientReads(answer.Length);
                if (i != 2)
                    request.ServerReports(200);
            }

            connection.CloseByClient();
        });
        await run.AssertAsync(Reporters.Server, correlations =>
        {
            ShapeAssert.Healthy(correlations, Reporters.Server, run.Requests[0]);
            ShapeAssert.Healthy(correlations, Reporters.Server, run.Requests[2]);
            var unclaimed = Assert.Single(correlations, correlation => correlation.ServerRecord is null);
            Assert.Equal((Verdict.Discrepant, Cause.UnclaimedExchange), (unclaimed.Finding.Verdict, unclaimed.Finding.Cause));
            ShapeAssert.HasItsBytes(unclaimed, run.Requests[1]);
            Assert.Equal(3, correlations.Count);
        });
    }

    [RequiresKernelFact]
    public async Task A_request_that_was_never_on_its_connection_is_unbacked()
    {
        var run = await ShapeRun.OfAsync("unbacked-record", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            ShapeScript.Pass(30);
            var invented = connection.Request("GET", "/never");
            invented.Server.Begin();
            invented.Server.End();
            invented.ServerReports(200, record => record with { RequestBytes = 77, ResponseBytes = 99 });
            ShapeScript.Pass(30);
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 65));
            connection.CloseByClient();
        });
        await run.AssertAsync(Reporters.Server, correlations =>
        {
            foreach (var request in new[] { run.Requests[0], run.Requests[2] })
            {
                var correlation = ShapeAssert.Matched(correlations, Reporters.Server, request);
                Assert.Equal((Verdict.Healthy, null), (correlation.Finding.Verdict, correlation.Finding.Cause));
                Assert.Equal(request.Server.Request, correlation.ServerExchange!.Request);
            }

            var unbacked = Assert.Single(correlations, correlation => correlation.RequestId == run.Requests[1].Id);
            Assert.Equal((Verdict.Discrepant, Cause.UnbackedRecord), (unbacked.Finding.Verdict, unbacked.Finding.Cause));
            Assert.Equal(MatchMethod.None, unbacked.Match.Method);
            Assert.Equal(3, correlations.Count);
        });
    }
}
