using Akka.Configuration;
using Akka.Configuration.Hocon;
using CrossLayer.Host.Commands;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>Which logs are followed, and how; <c>crosslayer.ingest</c> in the configuration, where each is explained.</summary>
internal sealed record AccessLogSettings
{
    private const string Section = "crosslayer.ingest";
    private const string LogsKey = "access-logs";
    private const string PathKey = "path";
    private const string FormatKey = "format";
    private const string FromKey = "from";
    private const string FromStart = "start";
    private const string FromEnd = "end";
    private const string Example = """{ path = "/var/log/nginx/crosslayer.log", format = nginx }""";
    private const int LeastLineBytes = 256;
    private const int MostLineBytes = 1 << 20;

    /// <summary>The logs.</summary>
    public IReadOnlyList<AccessLogSource> Logs { get; init; } = [];

    /// <summary>Where positions are kept over restarts; null: nowhere.</summary>
    public string? StateFolder { get; init; }

    /// <summary>How often a log is looked at.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A file that was rotated away is read on until nothing was written to it for so long.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest line that is read, in bytes.</summary>
    public int MaxLineBytes { get; init; } = 1 << 16;

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is missing or cannot be meant.</exception>
    public static AccessLogSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.GetConfig(Section) ?? throw new ConfigurationException($"the configuration has no section {Section}");
        var lineBytes = section.GetInt("access-log-max-line");
        return new AccessLogSettings
        {
            Logs = ReadLogs(section),
            StateFolder = section.GetString("state-folder") is { Length: > 0 } folder ? Path.GetFullPath(folder) : null,
            Poll = Positive(section, "access-log-poll"),
            Linger = Positive(section, "access-log-linger"),
            MaxLineBytes = lineBytes is >= LeastLineBytes and <= MostLineBytes
                ? lineBytes
                : throw new ConfigurationException($"{Section}.access-log-max-line = {lineBytes}: expected a number from {LeastLineBytes} to {MostLineBytes}"),
        };
    }

    private static List<AccessLogSource> ReadLogs(Config section)
    {
        if (section.GetValue(LogsKey) is not { } value)
            return [];
        // IsArray is false for an empty one.
        if (value.IsString() || value.IsObject())
            throw new ConfigurationException($"{Section}.{LogsKey} is no list: expected one of objects such as {Example}");
        var logs = new List<AccessLogSource>();
        // "[" and "]" on two lines have something empty between them.
        foreach (var entry in value.GetArray().Where(entry => entry.Values.Count > 0))
        {
            var log = Read(entry, $"{Section}.{LogsKey}, entry {logs.Count + 1}");
            if (logs.Exists(other => other.Path == log.Path))
                throw new ConfigurationException($"{Section}.{LogsKey}, entry {logs.Count + 1} ({log.Path}) is listed before: expected each log once");
            logs.Add(log);
        }

        return logs;
    }

    private static AccessLogSource Read(HoconValue entry, string name)
    {
        if (!entry.IsObject())
            throw new ConfigurationException($"{name} is no object: expected one such as {Example}");
        var fields = entry.GetObject().Items;
        if (fields.Keys.FirstOrDefault(key => key is not (PathKey or FormatKey or FromKey)) is { } unknown)
            throw new ConfigurationException($"{name} has {unknown}: expected {PathKey}, {FormatKey} and {FromKey}");
        if (Text(PathKey) is not { Length: > 0 } path || !Path.IsPathRooted(path))
            throw new ConfigurationException($"{name} has {PathKey} = {Text(PathKey)}: expected an absolute path, as in {Example}");
        if (Text(FormatKey) is not { } format || !RecordKinds.Names.TryGetValue(format, out var known))
            throw new ConfigurationException($"{name} ({path}) has {FormatKey} = {Text(FormatKey)}: expected one of {RecordKinds.Names.Legal}");
        var from = Text(FromKey) ?? FromEnd;
        if (from is not (FromStart or FromEnd))
            throw new ConfigurationException($"{name} ({path}) has {FromKey} = {from}: expected {FromStart} or {FromEnd}");
        return new AccessLogSource(Path.GetFullPath(path), known, from == FromStart);

        string? Text(string key) => fields.TryGetValue(key, out var field) && field.IsString() ? field.GetString() : null;
    }

    private static TimeSpan Positive(Config section, string key)
    {
        var value = section.GetTimeSpan(key, TimeSpan.Zero, allowInfinite: false);
        return value > TimeSpan.Zero ? value : throw new ConfigurationException($"{Section}.{key} = {value}: expected a duration above 0");
    }
}
