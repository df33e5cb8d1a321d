using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Commands;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.AccessLogs;

/// <summary>A real HAProxy with the shipped log format, in front of a real nginx and of a server that stalls; its log followed live.</summary>
public class HaproxyTests
{
    private const string Locations = """
        location = /short { return 200 "short\n"; }
        location = /gone { return 404 "no such thing\n"; }
        """;

    [RequiresKernelFact("haproxy", "nginx", "curl")]
    public async Task Each_line_is_matched_and_a_reader_that_leaves_and_a_server_that_stalls_are_found()
    {
        using var program = new CrossLayerProgram();
        await using var nginx = await Nginx.StartAsync(program.Folder, Locations);
        await File.WriteAllBytesAsync(program.FileIn("html", "file.bin"), new byte[100_003]);
        await File.WriteAllBytesAsync(program.FileIn("html", "large.bin"), new byte[30_000_000]);
        using var stalling = new TcpListener(IPAddress.Loopback, 0);
        stalling.Start();
        var stall = StallOnceAsync(stalling);
        var (port, log) = (Follow.FreePort(), program.FileIn("haproxy.log"));
        await using var haproxy = await Haproxy.StartAsync(program, port, log, $$"""
                use_backend stalling if { path /stall }
                default_backend ordinary
            backend ordinary
                server nginx 127.0.0.1:{{nginx.Port}}
            backend stalling
                server one 127.0.0.1:{{((IPEndPoint)stalling.LocalEndpoint).Port}}
            """);
        await using var follow = await Follow.StartAsync(port, log, RecordFormat.Haproxy, program.Folder);
        var url = $"http://127.0.0.1:{port}";

        string[] paths = ["/short", "/file.bin", "/gone", "/short?user=1", "/a\\b"];
        await CurlAsync(program, [.. Enumerable.Range(0, 13).SelectMany(i => new[] { "-o", "body", url + paths[i % paths.Length] })]);
        foreach (var i in Enumerable.Range(0, 9))
            await CurlAsync(program, "-o", "body", url + paths[i % paths.Length]);
        await follow.CloseUnreadAsync(port, "/short", lines: 23);
        await Follow.LeaveAsync(port, "/large.bin");
        await CurlAsync(program, "-o", "body", url + "/stall");
        await stall;
        var correlations = await follow.FinishAsync(25);

        Assert.Equal(25, correlations.Count);
        Assert.All(correlations, Follow.AssertMatched);
        Assert.DoesNotContain(correlations, c => c.ServerRecord!.Route!.Contains("user", StringComparison.Ordinal));
        Assert.Contains(correlations, c => c.ServerRecord!.Route == "/a\\b");
        Assert.All(correlations.Take(22), c => Assert.Equal((Verdict.Healthy, null), (c.Finding.Verdict, c.Finding.Cause)));
        Assert.Equal((Cause.UnreadClose, 200), (correlations[22].Finding.Cause, correlations[22].ServerRecord!.StatusCode));
        Assert.Equal(("client_closed_request", Verdict.Healthy), (correlations[23].ServerRecord!.ErrorType, correlations[23].Finding.Verdict));
        Assert.Equal(Cause.SlowHandler, correlations[24].Finding.Cause);
    }

    private static async Task CurlAsync(CrossLayerProgram program, params string[] arguments)
    {
        var curl = await program.RunAsync("curl", ["-sS", "--path-as-is", .. arguments]);
        Assert.True(curl.ExitCode == 0, curl.Error);
    }

    // A server that thinks for longer than is ordinary, and answers.
    private static async Task StallOnceAsync(TcpListener listener)
    {
        using var server = await listener.AcceptSocketAsync();
        await server.ReceiveAsync(new byte[4096]);
        await Task.Delay(TimeSpan.FromMilliseconds(900));
        await server.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlate\n"u8.ToArray());
    }
}
