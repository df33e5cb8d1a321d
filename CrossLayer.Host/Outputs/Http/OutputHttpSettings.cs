using Akka.Configuration;
using CrossLayer.Host.Web;

namespace CrossLayer.Host.Outputs.Http;

/// <summary>The server of metrics, health and the live stream: section <c>crosslayer.outputs.http</c>.</summary>
internal sealed record OutputHttpSettings
{
    private const string Section = "crosslayer.outputs.http";

    /// <summary>Where it listens, and who may ask.</summary>
    public required ListenSettings Listen { get; init; }

    /// <summary>/healthz and /readyz answer those who show no token, too, with less.</summary>
    public bool HealthWithoutToken { get; init; }

    /// <summary>A graph that gave no batch for longer stands still.</summary>
    public TimeSpan AliveWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections at one time.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>Readers of the live stream at one time.</summary>
    public int MaxStreams { get; init; } = 16;

    /// <summary>Correlations, and discrepancies, that are kept for readers that are behind or come back.</summary>
    public int StreamBuffer { get; init; } = 1000;

    /// <summary>A stream without events says so often that it is alive.</summary>
    public TimeSpan StreamHeartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A reader that takes nothing for so long is disconnected.</summary>
    public TimeSpan StreamWriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    public static OutputHttpSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new OutputHttpSettings
        {
            Listen = ListenSettings.From(config, Section),
            HealthWithoutToken = config.GetBoolean($"{Section}.health-without-token"),
            AliveWithin = OutputSetting.Time(config, Section, "alive-within", TimeSpan.FromSeconds(1)),
            MaxConnections = OutputSetting.Whole(config, Section, "max-connections", 1, 10_000),
            MaxStreams = OutputSetting.Whole(config, Section, "max-streams", 0, 1000),
            StreamBuffer = OutputSetting.Whole(config, Section, "stream-buffer", 1, 1_000_000),
            StreamHeartbeat = OutputSetting.Time(config, Section, "stream-heartbeat", TimeSpan.FromMilliseconds(100)),
            StreamWriteTimeout = OutputSetting.Time(config, Section, "stream-write-timeout", TimeSpan.FromSeconds(1)),
        };
    }
}
