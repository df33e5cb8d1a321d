using System.Globalization;
using Akka.Configuration;

namespace CrossLayer.Host.Ingest.UnixSocket;

/// <summary>Where the Unix socket is and what it takes; <c>crosslayer.ingest.unix</c> in the configuration.</summary>
internal sealed record UnixIngestSettings
{
    private const string Section = "crosslayer.ingest.unix";

    /// <summary>The socket's file; null: no socket.</summary>
    public string? Path { get; init; }

    /// <summary>Who may send; none: whoever the file's mode lets in.</summary>
    public IReadOnlySet<uint> AllowedUids { get; init; } = new HashSet<uint>();

    /// <summary>The longest line, in bytes.</summary>
    public int MaxLineBytes { get; init; } = 65_536;

    /// <summary>Connections at one time.</summary>
    public int MaxConnections { get; init; } = 64;

    /// <summary>How long a connection may go on without a whole line.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is missing or out of its range.</exception>
    public static UnixIngestSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.GetConfig(Section)
            ?? throw new ConfigurationException($"the configuration has no section {Section}");
        var idle = section.GetTimeSpan("idle-timeout", TimeSpan.Zero, allowInfinite: false);
        if (idle < TimeSpan.FromSeconds(1))
            throw OutOfRange("idle-timeout", section.GetString("idle-timeout"), "a duration of a second or more");
        return new UnixIngestSettings
        {
            Path = section.GetString("path") is { Length: > 0 } path ? path : null,
            AllowedUids = section.GetStringList("allowed-uids").Select(Uid).ToHashSet(),
            MaxLineBytes = Count("max-line-bytes", 1 << 24),
            MaxConnections = Count("max-connections", 100_000),
            IdleTimeout = idle,
        };

        int Count(string key, int most) => section.GetInt(key) is var value && value > 0 && value <= most
            ? value
            : throw OutOfRange(key, section.GetString(key), $"a number from 1 to {most}");
    }

    private static uint Uid(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
        ? uid
        : throw OutOfRange("allowed-uids", text, "numbers of users");

    private static ConfigurationException OutOfRange(string key, string? value, string expected) =>
        new($"{Section}.{key} = {value}: expected {expected}");
}
