using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Commands;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.AccessLogs;

/// <summary>A real nginx whose log is rotated as logrotate does it, under traffic, and followed live.</summary>
public class NginxRotationTests
{
    [RequiresKernelFact("nginx", "curl")]
    public async Task Rotated_under_traffic_each_line_is_matched_once_and_healthy()
    {
        using var program = new CrossLayerProgram();
        await using var nginx = await Nginx.StartAsync(program.Folder, """location = /short { return 200 "short\n"; }""");
        await using var follow = await Follow.StartAsync(nginx.Port, nginx.AccessLog, RecordFormat.Nginx, program.Folder);

        for (var round = 0; round < 3; round++)
        {
            var curl = program.RunAsync("curl", ["-sS", "--rate", "2000/s", .. Enumerable.Range(0, 101).SelectMany(_ => new[] { "-o", "body", $"{nginx.Url}/short" })]);
            File.Move(nginx.AccessLog, $"{nginx.AccessLog}.{round}");
            var reopen = await program.RunAsync("nginx", ["-p", program.Folder, "-e", "/dev/null", "-c", program.FileIn("nginx.conf"), "-s", "reopen"]);
            Assert.True(reopen.ExitCode == 0, reopen.Error);
            Assert.Equal(0, (await curl).ExitCode);
        }

        var correlations = await follow.FinishAsync(303);

        Assert.Equal(303, correlations.Select(c => c.RequestId).Distinct().Count());
        Assert.Equal(303, correlations.Count);
        Assert.All(correlations, Follow.AssertMatched);
        Assert.All(correlations, c => Assert.Equal(Verdict.Healthy, c.Finding.Verdict));
    }
}
