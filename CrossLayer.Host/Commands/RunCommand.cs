using System.CommandLine;
using Akka.Configuration;
using CrossLayer.Actors.Cluster;
using CrossLayer.Host.Daemon;
using CrossLayer.Probe;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer run</c>: the daemon.</summary>
internal static class RunCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "run";

    /// <summary>How long the process may live on after it was told to end: the daemon has a bound of its own (crosslayer.daemon.stop-timeout).</summary>
    public static readonly TimeSpan EndTimeout = TimeSpan.FromHours(1);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var file = new Option<string?>("--config")
        {
            Description = "A HOCON file over the defaults (config/crosslayer.conf explains every setting).",
            HelpName = "file",
        };
        var set = CommandOptions.Settings();
        var check = new Option<bool>("--check") { Description = "Check the configuration, say what would run, and end." };
        var command = new Command(Name, "Run as a daemon: real sources in, discrepancies into the journal (needs root, or CAP_BPF and CAP_PERFMON).")
        {
            file, set, check,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            Config Load() => ConfigurationLoader.Load(parsed.GetValue(file), parsed.GetRequiredValue(set), Environment.GetEnvironmentVariables());
            var config = Load();
            var (settings, parts) = Read(config);
            ClusterSettings.From(config).CheckCertificates();
            if (parsed.GetValue(check))
            {
                await parsed.InvocationConfiguration.Output.WriteLineAsync("the configuration is in order");
                foreach (var line in parts)
                    await parsed.InvocationConfiguration.Output.WriteLineAsync($"  {line}");
                return ExitCode.Done;
            }

            return await RunAsync(config, settings, Load, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    /// <summary>Reads all settings: whatever is wrong is said before anything is attached.</summary>
    /// <returns>The daemon's own, and what would run, a line each.</returns>
    /// <exception cref="InputException">A value cannot be read.</exception>
    /// <exception cref="ConfigurationException">A value is out of its range.</exception>
    internal static (DaemonSettings Settings, IReadOnlyList<string> Parts) Read(Config config)
    {
        try
        {
            return (DaemonSettings.From(config), new DaemonParts(config).Describe());
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw new InputException($"a value in the configuration cannot be read: {exception.Message}", exception);
        }
    }

    private static async Task<int> RunAsync(
        Config config, DaemonSettings settings, Func<Config> reload, TextWriter error, CancellationToken cancellation)
    {
        IKernelProbe? probe = null;
        Func<IKernelProbe>? again = settings.KeepPrivileges ? () => KernelProbe.Start(settings.Probe) : null;
        try
        {
            probe = settings.KeepPrivileges ? KernelProbe.Start(settings.Probe) : KernelProbe.StartAndDropPrivileges(settings.Probe);
        }
        catch (ProbeUnavailableException exception) when (!settings.ProbeIsRequired)
        {
            await error.WriteLineAsync($"warning: without kernel evidence, until there is some: {exception.Message}");
            again = () => KernelProbe.Start(settings.Probe);
        }

        return await DaemonRun.RunAsync(config, settings, reload, probe, again, cancellation);
    }
}
