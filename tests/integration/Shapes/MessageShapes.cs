using CrossLayer.Tests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>One request after the other on a connection, in all the ways that their bytes can come.</summary>
[Collection("shapes")]
public sealed class MessageShapes
{
    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Requests_of_a_kept_alive_connection_get_an_exchange_each(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("keep-alive", script =>
        {
            var connection = script.Connect();
            for (var i = 1; i <= 3; i++)
                connection.Exchange(Http.Request("GET", $"/{i}"), Http.Response(200, 100 * i));
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_request_read_in_pieces_and_a_response_of_many_writes_are_one_exchange(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("partial", script =>
        {
            var connection = script.Connect();
            for (var i = 0; i < 2; i++)
            {
                var request = connection.Request("POST", "/form");
                var bytes = Http.Request("POST", "/form", 2000);
                request.ClientWrites(bytes);
                request.ServerReads(17);
                request.ServerReads(500);
                request.ServerReads(bytes.Length - 517);
                var response = Http.Response(200, 5000).AsSpan();
                for (var at = 0; at < response.Length; at += 701)
                    request.ServerWrites(response[at..Math.Min(at + 701, response.Length)]);
                request.ClientReads(3);
                request.ClientReads(response.Length - 3);
                request.BothReport(200);
            }

            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_request_that_is_asked_to_continue_is_one(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("continue", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 50));
            var request = connection.Request("POST", "/upload");
            var bytes = Http.Request("POST", "/upload", 3000, "Expect: 100-continue\r\n");
            var head = Http.HeadLength(bytes);
            request.ClientWrites(bytes.AsSpan(0, head));
            request.ServerReads(head);
            request.ServerWrites(Http.Continue);
            request.ClientReads(Http.Continue.Length);
            request.ClientWrites(bytes.AsSpan(head));
            request.ServerReads(bytes.Length - head);
            request.ServerWrites(Http.Response(200, 10));
            request.ClientReads(Http.Response(200, 10).Length);
            request.BothReport(200);
            connection.Exchange(Http.Request("GET", "/after"), Http.Response(200, 70));
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task A_large_upload_is_one_request(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("large-upload", script =>
        {
            var connection = script.Connect();
            var request = connection.Request("PUT", "/file");
            var bytes = Http.Request("PUT", "/file", ShapeRun.IsRecording ? 200_000 : 2_000_000);
            var writing = Task.Run(() => request.ClientWrites(bytes));
            request.ServerReads(bytes.Length);
            writing.Wait();
            request.ServerWrites(Http.Response(201));
            request.ClientReads(Http.Response(201).Length);
            request.BothReport(201);
            connection.Exchange(Http.Request("GET", "/file"), Http.Response(200, 30));
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Responses_without_a_body_end_their_requests(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("empty-bodies", script =>
        {
            var connection = script.Connect();
            connection.Exchange(Http.Request("DELETE", "/a"), Http.Response(204), 204, "DELETE");
            connection.Exchange(Http.Request("HEAD", "/b"), Http.Response(200, headers: "Etag: \"b\"\r\n"), 200, "HEAD");
            connection.Exchange(Http.Request("GET", "/c"), Http.Response(304), 304);
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Pipelined_requests_that_are_answered_one_by_one_get_their_own_bytes(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("pipelining", script => Pipeline(script, answersAtOnce: false));
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Pipelined_requests_that_are_answered_at_once_get_their_own_bytes(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("pipelining-answered-at-once", script => Pipeline(script, answersAtOnce: true));
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    private static void Pipeline(ShapeScript script, bool answersAtOnce)
    {
        var connection = script.Connect();
        connection.Exchange(Http.Request("GET", "/before"), Http.Response(200, 20));
        ScriptedRequest[] requests = [.. Enumerable.Range(1, 3).Select(i => connection.Request("GET", $"/{i}"))];
        byte[][] asked = [.. Enumerable.Range(1, 3).Select(i => Http.Request("GET", $"/{new string('p', i)}"))];
        byte[][] answers = [.. Enumerable.Range(1, 3).Select(i => Http.Response(200, 300 * i))];
        foreach (var request in requests)
            request.Client.Begin();
        ScriptedConnection.Write(connection.Client, [.. asked.SelectMany(bytes => bytes)]);
        ScriptedConnection.Read(connection.Server, asked.Sum(bytes => bytes.Length));
        for (var i = 0; i < requests.Length; i++)
        {
            requests[i].ClientWrote(asked[i].Length);
            requests[i].ServerRead(asked[i].Length);
        }

        if (answersAtOnce)
            ScriptedConnection.Write(connection.Server, [.. answers.SelectMany(bytes => bytes)]);
        for (var i = 0; i < requests.Length; i++)
        {
            if (answersAtOnce)
                requests[i].ServerWrote(answers[i].Length);
            else
                requests[i].ServerWrites(answers[i]);
        }

        for (var i = 0; i < requests.Length; i++)
        {
            requests[i].ClientReads(answers[i].Length);
            requests[i].BothReport(200);
        }

        connection.Exchange(Http.Request("GET", "/after"), Http.Response(200, 40));
        connection.CloseByClient();
    }
}
