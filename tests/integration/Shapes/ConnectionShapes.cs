using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using CrossLayer.Actors.Correlations;
using CrossLayer.Tests;
using CrossLayer.Tests.Shapes;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>Connections that are not what they seem: used again, older than the probe, encrypted, shared.</summary>
[Collection("shapes")]
public sealed class ConnectionShapes
{
    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Connections_from_one_port_after_the_other_do_not_inherit(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("port-reuse", script =>
        {
            var port = 0;
            for (var i = 0; i < 5; i++)
            {
                var connection = script.Connect(port);
                Assert.True(port == 0 || port == connection.ClientEnd.Port);
                port = connection.ClientEnd.Port;
                connection.Exchange(Http.Request("GET", "/"), Http.Response(200, 64 + i));
                connection.CloseByServer();
            }
        });
        await run.AssertAsync(reporters, correlations => ShapeAssert.AllHealthy(correlations, reporters, run.Requests));
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task On_a_connection_older_than_the_probe_requests_match_from_the_second_on(Reporters reporters)
    {
        ScriptedConnection older = null!;
        var run = await ShapeRun.OfAsync("older-connection",
            _ =>
            {
                for (var i = 0; i < 3; i++)
                    older.Exchange(Http.Request("GET", "/later"), Http.Response(200, 64 + i));
                older.CloseByClient();
            },
            before: script =>
            {
                older = script.Connect();
                for (var i = 0; i < 2; i++)
                {
                    ScriptedConnection.Write(older.Client, Http.Request("GET", "/early"));
                    ScriptedConnection.Read(older.Server, Http.Request("GET", "/early").Length);
                    ScriptedConnection.Write(older.Server, Http.Response(200, 32));
                    ScriptedConnection.Read(older.Client, Http.Response(200, 32).Length);
                }
            });
        await run.AssertAsync(reporters, correlations =>
        {
            var early = 2 * Http.Request("GET", "/early").Length;
            foreach (var request in run.Requests.Skip(1))
            {
                var correlation = ShapeAssert.Matched(correlations, reporters, request);
                Assert.Equal((Verdict.Healthy, null), (correlation.Finding.Verdict, correlation.Finding.Cause));
                Assert.Equal(early + request.Server.Request.Start, correlation.ServerExchange!.Request.Start);
                Assert.Equal(request.Server.Request.Length, correlation.ServerExchange.Request.Length);
                Assert.Equal(request.Client.Response.Length, correlation.ClientExchange!.Response.Length);
            }

            Assert.DoesNotContain(correlations, correlation => correlation.Finding.Verdict == Verdict.Discrepant);
            Assert.Equal(3, correlations.Count);
        });
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Requests_inside_TLS_are_told_from_its_handshake(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("tls", script =>
        {
            using var certificate = SelfSigned.Make();
            var connection = script.Connect();
            using var server = new SslStream(new NetworkStream(connection.Server));
            using var client = new SslStream(new NetworkStream(connection.Client), false, (_, presented, _, _) => presented?.GetCertHashString() == certificate.Thumbprint);
            var serving = Task.Run(() => server.AuthenticateAsServer(certificate, false, SslProtocols.None, false));
            client.AuthenticateAsClient("localhost");
            serving.Wait();
            for (var i = 1; i <= 3; i++)
            {
                var request = connection.Request();
                var (asked, answer) = (Http.Request("GET", $"/{i}"), Http.Response(200, 200 * i));
                request.Client.Begin();
                client.Write(asked);
                request.ClientWrote(asked.Length);
                request.Server.Begin();
                server.ReadExactly(new byte[asked.Length]);
                request.ServerRead(asked.Length);
                server.Write(answer);
                request.ServerWrote(answer.Length);
                client.ReadExactly(new byte[answer.Length]);
                request.ClientRead(answer.Length);
                request.BothReport(200, record => record with { Tls = true });
            }

            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations =>
        {
            // What a record of TLS 1.3 adds: 5 bytes of header, a type, 16 of tag. TLS 1.2 takes 8 more.
            const int most = 32;
            foreach (var request in run.Requests)
            {
                var correlation = ShapeAssert.Matched(correlations, reporters, request);
                Assert.Equal((Verdict.Healthy, null), (correlation.Finding.Verdict, correlation.Finding.Cause));
                var seen = correlation.ServerExchange!;
                Assert.InRange(seen.Request.Length, request.Server.Request.Length + 1, request.Server.Request.Length + most);
                Assert.InRange(seen.Response.Length, request.Server.Response.Length + 1, request.Server.Response.Length + most);
            }

            Assert.Equal(3, correlations.Count);
        });
    }

    [RequiresKernelTheory, ClassData(typeof(EachReporter))]
    public async Task Requests_that_share_a_connection_share_its_evidence(Reporters reporters)
    {
        var run = await ShapeRun.OfAsync("http2", script =>
        {
            const int headers = 60, data = 400;
            var connection = script.Connect();
            ScriptedRequest[] requests = [.. Enumerable.Range(1, 5).Select(i => connection.Request("GET", $"/{i}"))];
            foreach (var request in requests)
                request.ClientWrites(new byte[headers]);
            foreach (var request in requests)
                request.ServerReads(headers);
            // Frames of all responses in turns; the last ends first.
            foreach (var request in requests)
                request.ServerWrites(new byte[data]);
            foreach (var request in requests)
                request.ClientReads(data);
            foreach (var request in requests.Reverse())
            {
                request.ServerWrites(new byte[data]);
                request.ClientReads(data);
            }

            foreach (var request in requests)
                request.BothReport(200, record => record with { Protocol = "HTTP/2.0", RequestBytes = null, ResponseBytes = null });
            connection.CloseByClient();
        });
        await run.AssertAsync(reporters, correlations =>
        {
            foreach (var id in run.Requests.Select(request => request.Id))
            {
                var own = correlations.Where(correlation => correlation.RequestId == id).ToList();
                Assert.NotEmpty(own);
                Assert.All(own, correlation =>
                {
                    Assert.Equal((Verdict.Healthy, null), (correlation.Finding.Verdict, correlation.Finding.Cause));
                    Assert.NotEqual(MatchMethod.None, correlation.Match.Method);
                    Assert.True(correlation.ServerExchange?.Shared);
                    Assert.True(correlation.ClientExchange?.Shared);
                });
            }

            Assert.DoesNotContain(correlations, correlation => correlation.Finding.Verdict == Verdict.Discrepant);
        });
    }
}
