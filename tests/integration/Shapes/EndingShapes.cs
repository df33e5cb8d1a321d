using System.Net.Sockets;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Tests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>The ways in which connections end, and nothing is wrong.</summary>
[Collection("shapes")]
public sealed class EndingShapes
{
    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_client_that_closes_its_half_gets_its_answer_all_the_same(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("half-close", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/first"), Http.Response(200, 10));
            var (asked, answer) = (Http.Request("POST", "/last", 400), Http.Response(200, 900));
            var request = connection.Request("POST", "/last");
            request.ClientWrites(asked);
            connection.Client.Shutdown(SocketShutdown.Send);
            request.ServerReads(asked.Length);
            Assert.Equal(0, connection.Server.Receive(new byte[1]));
            request.ServerWrites(answer);
            request.ClientReads(answer.Length);
            request.BothReport(200);
            connection.CloseByServer();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Idle_connections_of_a_pool_that_the_server_closes_had_no_fault(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("pool-reuse", script =>
        {
            ScriptedConnection[] pool = [script.Connect(), script.Connect()];
            for (var i = 0; i < 6; i++)
            {
                var connection = pool[i % 2];
                var request = connection.Request("GET", "/pool");
                var (asked, answer) = (Http.Request("GET", "/pool"), Http.Response(200, 64 + i));
                request.ClientWrites(asked);
                request.ServerReads(asked.Length);
                request.ServerWrites(answer);
                request.ClientReads(answer.Length);
                request.ServerReports(200, record => record with { SocketCookie = connection.ServerCookie, ConnectionRequest = request.Ordinal });
                request.ClientReports(200, record => record with { SocketCookie = connection.ClientCookie, ConnectionRequest = request.Ordinal });
            }

            ShapeScript.Pass(30);
            pool[0].CloseByServer();
            pool[1].CloseByServer();
        });
        await run.AssertAsync(reporters, correlations =>
        {
            ShapeAssert.AllHealthy(correlations, reporters, run.Requests);
            Assert.All(correlations, correlation => Assert.Equal(MatchMethod.Cookie, correlation.Match.Method));
        });
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task An_idle_connection_that_the_client_closes_had_no_fault(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("idle-close-by-client", script =>
        {
            var connection = script.Connect();
            for (var i = 0; i < 2; i++)
                connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            ShapeScript.Pass(30);
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task An_upload_that_is_refused_before_its_end_is_no_discrepancy(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("refused-upload", script =>
        {
            var connection = script.Connect();
            var request = connection.Request("PUT", "/too-large");
            var (asked, answer) = (Http.Request("PUT", "/too-large", 40_000), Http.Response(413, 25, "Connection: close\r\n"));
            var head = Http.HeadLength(asked);
            request.ClientWrites(asked.AsSpan(0, head + 10_000));
            request.ServerReads(head);
            request.ServerWrites(answer);
            connection.Server.Shutdown(SocketShutdown.Send);
            request.ClientWrites(asked.AsSpan(head + 10_000, 10_000));
            request.ServerReads(15_000);
            request.ClientWrites(asked.AsSpan(head + 20_000, 5_000));
            request.ClientReads(answer.Length);
            connection.Client.Dispose();
            request.BothReport(413);
            connection.Server.Dispose();
        });
        await run.AssertAsync(reporters, correlations =>
        {
            var request = Assert.Single(run.Requests);
            var correlation = ShapeAssert.Matched(correlations, reporters, request);
            Assert.Equal(Verdict.Healthy, correlation.Finding.Verdict);
            // What the client wrote and the server never read is the request's all the same.
            Assert.Equal(request.Client.Request, correlation.ClientExchange!.Request);
            Assert.Equal(request.Server.Request, correlation.ServerExchange!.Request);
            Assert.Equal(request.Server.Response, correlation.ServerExchange.Response);
            Assert.Single(correlations);
        });
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_client_that_leaves_by_its_own_wish_is_no_discrepancy(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("client-abort", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            var request = connection.Request("GET", "/report");
            var asked = Http.Request("GET", "/report");
            request.ClientWrites(asked);
            request.ServerReads(asked.Length);
            ShapeScript.Pass(20);
            connection.Client.Dispose();
            request.Client.End();
            request.ClientReports(0, record => record with { Result = RequestResult.Error, ErrorType = "canceled" });
            Assert.Equal(0, connection.Server.Receive(new byte[1]));
            request.Server.End();
            request.ServerReports(499, record => record with { Result = RequestResult.Error, ErrorType = "client_closed_request" });
            connection.Server.Dispose();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_client_that_has_enough_of_a_download_is_no_discrepancy(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("client-abort-in-body", script =>
        {
            var connection = script.Connect();
            var request = connection.Request("GET", "/film");
            var (asked, answer) = (Http.Request("GET", "/film"), Http.Response(200, 20_000));
            request.ClientWrites(asked);
            request.ServerReads(asked.Length);
            request.ServerWrites(answer.AsSpan(0, 10_000));
            request.ClientReads(5_000);
            connection.Client.Dispose();
            request.Client.End();
            request.ClientReports(200, record => record with { Result = RequestResult.Error, ErrorType = "canceled" });
            // The reset that the close sent, since there were bytes unread.
            Assert.Throws<SocketException>(() => connection.Server.Receive(new byte[1]));
            request.Server.End();
            request.ServerReports(200, record => record with { Result = RequestResult.Error, ErrorType = "client_closed_request" });
            connection.Server.Dispose();
        });
        await run.AssertAsync(reporters, correlations =>
        {
            var correlation = ShapeAssert.Matched(correlations, reporters, Assert.Single(run.Requests));
            Assert.Equal((Verdict.Healthy, null), (correlation.Finding.Verdict, correlation.Finding.Cause));
            Assert.Single(correlations);
        });
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Health_checks_that_connect_and_close_are_no_requests(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("health-checks", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            for (var i = 0; i < 3; i++)
                script.Connect().CloseByClient();
            var reset = script.Connect();
            reset.Client.LingerState = new LingerOption(true, 0);
            reset.Client.Dispose();
            Assert.Throws<SocketException>(() => reset.Server.Receive(new byte[1]));
            reset.Dispose();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }
}
