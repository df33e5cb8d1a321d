using Akka.Configuration;

namespace CrossLayer.Host.Ingest;

/// <summary>What one of the HTTP sources takes from one sender and from all; <c>crosslayer.ingest.limits</c> in the configuration.</summary>
internal sealed record IngestLimits
{
    private const string Section = "crosslayer.ingest.limits";

    /// <summary>The largest body, in bytes as it is sent.</summary>
    public int MaxBodyBytes { get; init; } = 4 << 20;

    /// <summary>The largest body, in bytes once it is decompressed.</summary>
    public int MaxDecompressedBytes { get; init; } = 16 << 20;

    /// <summary>The most records, or spans, in one request.</summary>
    public int MaxRecords { get; init; } = 10_000;

    /// <summary>Requests a second from one address.</summary>
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>Records, or spans, a second from one address.</summary>
    public int RecordsPerSecond { get; init; } = 20_000;

    /// <summary>Connections at one time, from all senders.</summary>
    public int MaxConnections { get; init; } = 2048;

    /// <summary>How long a request's head may take to come.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a request's body may take to come.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The slowest that a body may come, in bytes a second, once it has taken five seconds.</summary>
    public int MinBytesPerSecond { get; init; } = 1024;

    /// <summary>How long a connection may be idle.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is missing or out of its range.</exception>
    public static IngestLimits From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.GetConfig(Section)
            ?? throw new ConfigurationException($"the configuration has no section {Section}");
        return new IngestLimits
        {
            MaxBodyBytes = Count("max-body-bytes", 1 << 30),
            MaxDecompressedBytes = Count("max-decompressed-bytes", 1 << 30),
            MaxRecords = Count("max-records", 1_000_000),
            RequestsPerSecond = Count("requests-per-second", 1_000_000),
            RecordsPerSecond = Count("records-per-second", 100_000_000),
            MaxConnections = Count("max-connections", 100_000),
            HeadersTimeout = Time("headers-timeout"),
            BodyTimeout = Time("body-timeout"),
            MinBytesPerSecond = Count("min-bytes-per-second", 1 << 30),
            KeepAliveTimeout = Time("keep-alive-timeout"),
        };

        int Count(string key, int most) => section.GetInt(key) is var value && value > 0 && value <= most
            ? value
            : throw OutOfRange(key, section.GetString(key), $"a number from 1 to {most}");

        TimeSpan Time(string key) => section.GetTimeSpan(key, TimeSpan.Zero, allowInfinite: false) is var value && value >= TimeSpan.FromSeconds(1)
            ? value
            : throw OutOfRange(key, section.GetString(key), "a duration of a second or more");
    }

    private static ConfigurationException OutOfRange(string key, string? value, string expected) =>
        new($"{Section}.{key} = {value}: expected {expected}");
}
