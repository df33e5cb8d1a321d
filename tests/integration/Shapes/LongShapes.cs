using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Tests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>Requests that take long by design, and one that does not.</summary>
[Collection("shapes")]
public sealed class LongShapes
{
    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_long_poll_that_is_marked_so_is_not_slow(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("long-poll", script => Poll(script, record => record with { ExpectedSlow = true }));
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_long_poll_whose_route_the_settings_name_is_not_slow(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("long-poll-by-route", script => Poll(script, record => record));
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests), "/poll*");
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_slow_handler_that_is_expected_is_no_discrepancy(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("expected-slow-handler", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
            var request = connection.Request("POST", "/report");
            var (asked, answer) = (Http.Request("POST", "/report", 300), Http.Response(200, 1200));
            request.ClientWrites(asked);
            request.ServerReads(asked.Length);
            ShapeScript.Pass(600);
            request.ServerWrites(answer.AsSpan(0, 600));
            ShapeScript.Pass(100);
            request.ServerWrites(answer.AsSpan(600));
            request.ClientReads(answer.Length);
            request.BothReport(200, record => record with { ExpectedSlow = true });
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_slow_handler_that_nobody_expects_is_found(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("slow-handler", script => Poll(script, record => record));
        await run.AssertAsync(reporters, correlations =>
        {
            var slow = run.Requests[1];
            var correlation = ShapeAssert.Matched(correlations, reporters, slow);
            Assert.Equal((Verdict.Discrepant, Cause.SlowHandler), (correlation.Finding.Verdict, correlation.Finding.Cause));
            ShapeAssert.HasItsBytes(correlation, slow);
            ShapeAssert.Healthy(correlations, reporters, run.Requests[0]);
            Assert.Equal(2, correlations.Count);
        });
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_WebSocket_reported_at_its_end_is_one_request(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("websocket", script =>
        {
            var (request, asked, answer) = Upgrade(script);
            Talk(request);
            request.Connection.CloseByClient();
            request.Client.End();
            request.Server.End();
            // As nginx counts: of the request its head, of the response all that was sent.
            request.ServerReports(101, record => record with { RequestBytes = asked });
            request.ClientReports(101, record => record with { RequestBytes = asked, ResponseBytes = answer });
        });
        await run.AssertAsync(reporters, correlations => IsOneTunnel(correlations, reporters, run));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_WebSocket_reported_at_its_upgrade_is_one_request(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("websocket-reported-at-upgrade", script =>
        {
            var (request, _, _) = Upgrade(script);
            request.BothReport(101);
            Talk(request);
            request.Connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => IsOneTunnel(correlations, reporters, run));
    }

    private static void IsOneTunnel(IReadOnlyList<Correlation> correlations, Reporters reporters, ShapeRun run)
    {
        var correlation = ShapeAssert.Matched(correlations, reporters, Assert.Single(run.Requests));
        Assert.Equal((Verdict.Healthy, null), (correlation.Finding.Verdict, correlation.Finding.Cause));
        Assert.Equal((0, 0), (correlation.ServerExchange!.Request.Start, correlation.ServerExchange.Response.Start));
        Assert.Equal((0, 0), (correlation.ClientExchange!.Request.Start, correlation.ClientExchange.Response.Start));
        Assert.Single(correlations);
    }

    private static void Poll(ShapeScript script, Func<RequestRecord, RequestRecord> mark)
    {
        var connection = script.Connect();
        connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64));
        var request = connection.Request("GET", "/poll/1");
        var (asked, answer) = (Http.Request("GET", "/poll/1"), Http.Response(200, 32));
        request.ClientWrites(asked);
        request.ServerReads(asked.Length);
        ShapeScript.Pass(700);
        request.ServerWrites(answer);
        request.ClientReads(answer.Length);
        request.BothReport(200, mark);
        connection.CloseByClient();
    }

    private static (ScriptedRequest Request, int Asked, int Answer) Upgrade(ShapeScript script)
    {
        const string headers = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
        var (asked, answer) = (Http.Request("GET", "/socket", headers: headers), Http.Response(101, headers: headers));
        var request = script.Connect().Request("GET", "/socket");
        request.ClientWrites(asked);
        request.ServerReads(asked.Length);
        request.ServerWrites(answer);
        request.ClientReads(answer.Length);
        return (request, asked.Length, answer.Length);
    }

    private static void Talk(ScriptedRequest request)
    {
        for (var i = 0; i < 10; i++)
        {
            ShapeScript.Pass(100);
            request.ClientWrites(new byte[40 + i]);
            request.ServerReads(40 + i);
            request.ServerWrites(new byte[20 + i]);
            request.ClientReads(20 + i);
        }
    }
}
