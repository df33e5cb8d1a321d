using Akka.Configuration;

namespace CrossLayer.Actors.Cluster;

/// <summary>Settings of the cluster; <c>crosslayer.cluster</c> in the configuration, where each is explained.</summary>
public sealed record ClusterSettings
{
    internal const string Section = "crosslayer.cluster";

    /// <summary>This host is one of several.</summary>
    public required bool Enabled { get; init; }

    /// <summary>The address at which others reach this host.</summary>
    public required string Host { get; init; }

    /// <summary>The address to listen at.</summary>
    public required string BindHost { get; init; }

    /// <summary>The port of both.</summary>
    public required int Port { get; init; }

    /// <summary>Members to join through, <c>host:port</c>; the first one of all that starts the cluster stands first.</summary>
    public required IReadOnlyList<string> Seeds { get; init; }

    /// <summary>A name whose addresses are those of members; null for none.</summary>
    public required string? Service { get; init; }

    /// <summary>Lanes that requests between hosts are spread over.</summary>
    public required int Lanes { get; init; }

    /// <summary>How long a half waits before its other end's host is asked.</summary>
    public required TimeSpan AskAfter { get; init; }

    /// <summary>How long a half is kept, and sent again, until it is settled.</summary>
    public required TimeSpan GiveUpAfter { get; init; }

    /// <summary>Halves that may wait on one host for being settled.</summary>
    public required int MaxHalves { get; init; }

    /// <summary>Certificates; null: not encrypted.</summary>
    public required ClusterTls? Tls { get; init; }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is missing or out of its range.</exception>
    public static ClusterSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.GetConfig(Section) ?? throw new ConfigurationException($"the configuration has no section {Section}");
        var settings = new ClusterSettings
        {
            Enabled = section.GetBoolean("enabled"),
            Host = section.GetString("host") is { Length: > 0 } host ? host : section.GetString("bind-host"),
            BindHost = section.GetString("bind-host"),
            Port = Number(section, "port", 1, ushort.MaxValue),
            Seeds = [.. section.GetStringList("seeds")],
            Service = section.GetString("service") is { Length: > 0 } service ? service : null,
            Lanes = Number(section, "lanes", 1, 1024),
            AskAfter = Positive(section, "ask-after"),
            GiveUpAfter = Positive(section, "give-up-after"),
            MaxHalves = Number(section, "max-halves", 1, int.MaxValue),
            Tls = ClusterTls.From(section),
        };
        return settings.Enabled ? settings.Checked() : settings;
    }

    /// <summary>What would run, in a line.</summary>
    public string Describe() => $"cluster: {Host}:{Port}{(Tls is null ? " (not encrypted)" : " (TLS)")}, by "
        + (Service is not null ? $"the addresses of {Service}" : string.Join(", ", Seeds));

    private ClusterSettings Checked()
    {
        if (Seeds.Count == 0 && Service is null)
            throw new ConfigurationException($"{Section}.enabled is true, and neither {Section}.seeds nor {Section}.service says whom to join");
        foreach (var seed in Seeds)
            if (SplitSeed(seed) is null)
                throw new ConfigurationException($"{Section}.seeds: '{seed}'; expected host:port, such as 10.0.0.1:4053");
        if (System.Net.IPAddress.TryParse(Host, out var address) && (address.Equals(System.Net.IPAddress.Any) || address.Equals(System.Net.IPAddress.IPv6Any)))
            throw new ConfigurationException($"{Section}.host = {Host}: others cannot reach this host by it; name one of its addresses");
        return this;
    }

    /// <summary>Host and port of a seed; null if it is not written as such.</summary>
    internal static (string Host, int Port)? SplitSeed(string seed)
    {
        var colon = seed.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(seed.AsSpan(colon + 1), out var port) && port > 0 ? (seed[..colon], port) : null;
    }

    private static TimeSpan Positive(Config section, string key)
    {
        var value = section.GetTimeSpan(key, TimeSpan.Zero, allowInfinite: false);
        return value > TimeSpan.Zero ? value : throw new ConfigurationException($"{Section}.{key} = {value}: expected a duration above 0");
    }

    private static int Number(Config section, string key, int least, int most)
    {
        var value = section.GetInt(key);
        return value >= least && value <= most ? value : throw new ConfigurationException($"{Section}.{key} = {value}: expected a number from {least} to {most}");
    }
}

/// <summary>What members prove to each other who they are with: PEM files.</summary>
/// <param name="Certificate">This member's certificate, with what leads to the authority.</param>
/// <param name="Key">Its key.</param>
/// <param name="Authority">Who has to have signed every member's.</param>
public sealed record ClusterTls(string Certificate, string Key, string Authority)
{
    /// <summary>Null where none is named.</summary>
    /// <exception cref="ConfigurationException">Some are named, and not all.</exception>
    internal static ClusterTls? From(Config section)
    {
        string[] keys = ["certificate", "key", "authority"];
        var paths = keys.Select(key => section.GetString($"tls.{key}") ?? "").ToList();
        if (paths.TrueForAll(path => path.Length == 0))
            return null;
        var missing = keys.Where((_, i) => paths[i].Length == 0).Select(key => $"{ClusterSettings.Section}.tls.{key}").ToList();
        return missing.Count == 0 ? new ClusterTls(paths[0], paths[1], paths[2])
            : throw new ConfigurationException($"{string.Join(" and ", missing)} missing: certificate, key and authority go together");
    }
}
