using System.Text.RegularExpressions;
using CliWrap;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.AccessLogs;

/// <summary>A real HAProxy with the shipped log format.</summary>
internal static class Haproxy
{
    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="program">Its configuration goes into this one's folder.</param>
    /// <param name="port">Where it listens, on loopback.</param>
    /// <param name="log">The file that its log is appended to.</param>
    /// <param name="rest">The end of its frontend, and its backends.</param>
    public static async Task<RunningProgram> StartAsync(CrossLayerProgram program, int port, string log, string rest)
    {
        var shipped = string.Join('\n', (await File.ReadAllLinesAsync(Path.Combine(Nginx.Repository, "config", "haproxy", "crosslayer.cfg")))
            .Where(line => line.Length > 0 && line[0] != '#'));
        var configuration = program.FileIn("haproxy.cfg");
        await File.WriteAllTextAsync(configuration, $$"""
            global
                log stdout len 8192 format raw local0
            defaults
                mode http
                log global
                option dontlognull
                timeout connect 5s
                timeout client 5s
                timeout server 5s
            frontend witness
                bind 127.0.0.1:{{port}}
            {{shipped}}
            {{rest}}

            """);
        await File.WriteAllTextAsync(log, "");
        var haproxy = await RunningProgram.StartAsync(
            Cli.Wrap("sh").WithArguments(["-c", $"echo starting; exec {RequiresKernelFactAttribute.PathOf("haproxy")} -db -f {configuration} >>{log} 2>{log}.errors"])
                .WithValidation(CommandResultValidation.None),
            new Regex("starting"), program.Limit);
        await Follow.UntilListensAsync(port);
        return haproxy;
    }
}
