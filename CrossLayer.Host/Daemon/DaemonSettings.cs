using Akka.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Kernel;
using CrossLayer.Probe;
using CrossLayer.Probe.Hooks;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Daemon;

/// <summary>The daemon's own settings: sections <c>crosslayer.daemon</c> and, of <c>crosslayer.probe</c>, what is watched.</summary>
internal sealed record DaemonSettings
{
    private const string Section = "crosslayer.daemon";
    private const string LogLevelKey = $"{Section}.log-level";
    private const string ProbeSection = "crosslayer.probe";
    private const string PortsKey = $"{ProbeSection}.ports";
    private const string LocalPortsKey = $"{ProbeSection}.local-ports";
    private const string GroupsKey = $"{ProbeSection}.control-groups";
    private const string NamespaceKey = $"{ProbeSection}.network-namespace";
    private const string ModeKey = $"{ProbeSection}.mode";

    /// <summary>The settings that can be changed while it runs.</summary>
    public static IReadOnlyList<string> Changeable { get; } = [LogLevelKey, PortsKey, LocalPortsKey, GroupsKey, NamespaceKey, ModeKey];

    /// <summary>What the probe watches.</summary>
    public required ProbeOptions Probe { get; init; }

    /// <summary>The daemon ends with 3 where there is no probe at its start; else it begins without kernel evidence.</summary>
    public required bool ProbeIsRequired { get; init; }

    /// <summary>It keeps what it needs only to attach, so that a probe that died can be started again.</summary>
    public required bool KeepPrivileges { get; init; }

    /// <summary>The least that is logged.</summary>
    public required LogLevel LogLevel { get; init; }

    /// <summary>How log lines look.</summary>
    public required LogFormat LogFormat { get; init; }

    /// <summary>How long it may take to end in order.</summary>
    public required TimeSpan StopTimeout { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    public static DaemonSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        // Checked here, too, so that nothing is attached before all is known to be right.
        _ = CorrelationSettings.From(config);
        _ = ProbeSettings.From(config);
        _ = JournalSettings.From(config);
        var stop = config.GetTimeSpan($"{Section}.stop-timeout", null, allowInfinite: false);
        return new DaemonSettings
        {
            Probe = new ProbeOptions
            {
                Filter = new ProbeFilter
                {
                    Ports = Ports(config, PortsKey),
                    LocalPorts = Ports(config, LocalPortsKey),
                    ControlGroups = ControlGroups(config),
                    NetworkNamespaces = Choice<WatchedNamespaces>(config, NamespaceKey) == WatchedNamespaces.Own ? [NetnsCookie.Own()] : [],
                },
                Mode = Choice<ProbeMode>(config, ModeKey),
                Hooks = Choice<HookChoice>(config, $"{ProbeSection}.hooks"),
                RingBytes = RingBytes(config),
            },
            ProbeIsRequired = config.GetBoolean($"{ProbeSection}.required"),
            KeepPrivileges = config.GetBoolean($"{Section}.keep-privileges"),
            LogLevel = Choice<LogLevel>(config, LogLevelKey),
            LogFormat = Choice<LogFormat>(config, $"{Section}.log-format"),
            StopTimeout = stop >= TimeSpan.FromSeconds(1) ? stop : throw new ConfigurationException($"{Section}.stop-timeout = {stop}: expected at least 1s"),
        };
    }

    private static ushort[] Ports(Config config, string key) =>
        [.. config.GetStringList(key).Select(text => ushort.TryParse(text, out var port) && port > 0
            ? port
            : throw new ConfigurationException($"{key}: '{text}' is no port; expected numbers from 1 to 65535"))];

    private static ControlGroup[] ControlGroups(Config config)
    {
        var folders = config.GetStringList(GroupsKey);
        if (folders.Count > ProbeFilter.MaxControlGroups)
            throw new ConfigurationException($"{GroupsKey} has {folders.Count} groups: at most {ProbeFilter.MaxControlGroups} can be filtered by");
        try
        {
            return [.. folders.Select(ControlGroup.Of)];
        }
        catch (ProbeException exception)
        {
            throw new ConfigurationException($"{GroupsKey}: {exception.Message}", exception);
        }
    }

    private static uint RingBytes(Config config)
    {
        const string key = $"{ProbeSection}.ring-size";
        var bytes = config.GetByteSize(key) ?? throw new ConfigurationException($"{key} is missing");
        return bytes >= 1 << 16 && bytes <= 1 << 30 && (bytes & (bytes - 1)) == 0
            ? (uint)bytes
            : throw new ConfigurationException($"{key} = {bytes}: expected a power of two from 64KiB to 1GiB");
    }

    private static T Choice<T>(Config config, string key)
        where T : struct, Enum
    {
        var text = config.GetString(key) ?? "";
        return Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<T>(found)
            : throw new ConfigurationException($"{key} = {text}: expected one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}");
    }
}

/// <summary>Whose connections are watched.</summary>
internal enum WatchedNamespaces
{
    /// <summary>Those of every network namespace of the machine.</summary>
    All,

    /// <summary>Those of the daemon's own.</summary>
    Own,
}

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>As the journal of systemd wants them where it starts the daemon, else as people read them.</summary>
    Auto,

    /// <summary>A line for people, with the time.</summary>
    Text,

    /// <summary>A JSON object a line.</summary>
    Json,

    /// <summary>A line with its priority in front, without the time (sd-daemon(3)).</summary>
    Systemd,
}
