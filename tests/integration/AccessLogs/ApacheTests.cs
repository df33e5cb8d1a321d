using System.Text.RegularExpressions;
using CliWrap;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Commands;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.AccessLogs;

/// <summary>A real httpd with the shipped log format; its log followed live.</summary>
public class ApacheTests
{
    [RequiresKernelFact("apache2", "curl")]
    public async Task Each_line_is_matched_and_a_reader_that_leaves_is_found()
    {
        using var program = new CrossLayerProgram();
        var (port, log) = (Follow.FreePort(), program.FileIn("apache.log"));
        await using var apache = await StartAsync(program, port, log);
        await using var follow = await Follow.StartAsync(port, log, RecordFormat.Apache, program.Folder);
        var url = $"http://127.0.0.1:{port}";

        string[] paths = ["/short", "/file.bin", "/gone", "/short?user=1", "/%ff%22%0a"];
        await CurlAsync(program, [.. Enumerable.Range(0, 13).SelectMany(i => new[] { "-o", "body", url + paths[i % paths.Length] })]);
        foreach (var i in Enumerable.Range(0, 9))
            await CurlAsync(program, "-o", "body", url + paths[i % paths.Length]);
        await follow.CloseUnreadAsync(port, "/short", lines: 23);
        await Follow.LeaveAsync(port, "/large.bin");
        var correlations = await follow.FinishAsync(24);

        Assert.Equal(24, correlations.Count);
        Assert.All(correlations, Follow.AssertMatched);
        Assert.DoesNotContain(correlations, c => c.ServerRecord!.Route!.Contains("user", StringComparison.Ordinal));
        Assert.All(correlations.Take(22), c =>
        {
            Assert.Equal((Verdict.Healthy, null), (c.Finding.Verdict, c.Finding.Cause));
            Assert.Equal(c.ServerExchange!.Response.Length, c.ServerRecord!.ResponseBytes);
        });
        Assert.Equal((Cause.UnreadClose, 200), (correlations[22].Finding.Cause, correlations[22].ServerRecord!.StatusCode));
        Assert.Equal(("client_closed_request", Verdict.Healthy), (correlations[23].ServerRecord!.ErrorType, correlations[23].Finding.Verdict));
    }

    private static async Task CurlAsync(CrossLayerProgram program, params string[] arguments)
    {
        var curl = await program.RunAsync("curl", ["-sS", .. arguments]);
        Assert.True(curl.ExitCode == 0, curl.Error);
    }

    private static async Task<RunningProgram> StartAsync(CrossLayerProgram program, int port, string log)
    {
        var html = Directory.CreateDirectory(program.FileIn("html")).FullName;
        await File.WriteAllTextAsync(Path.Combine(html, "short"), "short\n");
        await File.WriteAllBytesAsync(Path.Combine(html, "file.bin"), new byte[100_003]);
        await File.WriteAllBytesAsync(Path.Combine(html, "large.bin"), new byte[30_000_000]);
        await Cli.Wrap("chmod").WithArguments(["-R", "a+rX", program.Folder]).ExecuteAsync(); // httpd's workers are nobody
        await File.WriteAllTextAsync(log, "");
        var configuration = program.FileIn("apache.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            ServerRoot {{program.Folder}}
            DefaultRuntimeDir {{program.Folder}}
            PidFile {{program.FileIn("apache.pid")}}
            Mutex file:{{program.Folder}}
            LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
            LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
            ServerName localhost
            User nobody
            Group nogroup
            Listen 127.0.0.1:{{port}}
            ErrorLog {{program.FileIn("apache.errors")}}
            DocumentRoot {{html}}
            Include {{Path.Combine(Nginx.Repository, "config", "apache", "crosslayer.conf")}}
            CustomLog {{log}} crosslayer

            """);
        var apache = await RunningProgram.StartAsync(
            Cli.Wrap("sh").WithArguments(["-c", $"echo starting; exec {RequiresKernelFactAttribute.PathOf("apache2")} -f {configuration} -DFOREGROUND"])
                .WithValidation(CommandResultValidation.None),
            new Regex("starting"), TimeSpan.FromSeconds(60));
        await Follow.UntilListensAsync(port);
        return apache;
    }
}
