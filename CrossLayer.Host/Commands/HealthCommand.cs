using System.CommandLine;
using Akka.Configuration;
using CrossLayer.Host.Daemon;
using CrossLayer.Host.Outputs;
using CrossLayer.Host.Outputs.Health;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer health</c>: what the daemon of this configuration says of itself, for a container's health check.</summary>
internal static class HealthCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = CommandOptions.OptionalInputFile("--config", "The daemon's HOCON file, over the defaults.");
        var set = CommandOptions.Settings();
        var ready = new Option<bool>("--ready") { Description = "Ask whether it does all that it was configured to do (/readyz), not only whether it lives (/healthz)." };
        var command = new Command("health", "Ask the daemon on this host how it is: exit code 0 if well, 1 if not or not there.") { file, set, ready };
        command.SetAction((parsed, cancellation) => RunAsync(
            ConfigurationLoader.Load(parsed.GetValue(file), parsed.GetRequiredValue(set), Environment.GetEnvironmentVariables()),
            parsed.GetValue(ready),
            parsed.InvocationConfiguration.Output,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Config config, bool ready, TextWriter output, CancellationToken cancellation)
    {
        var (ok, text) = await HealthQuestion.AskAsync(OutputSettings.From(config).Http.Listen, ready, cancellation);
        await output.WriteLineAsync(text);
        return ok ? ExitCode.Done : ExitCode.Failed;
    }
}
