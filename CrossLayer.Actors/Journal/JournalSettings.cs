using Akka.Configuration;
using CrossLayer.Actors.Configuration;

namespace CrossLayer.Actors.Journal;

/// <summary>Where the journal is and how it behaves: section <c>crosslayer.journal</c> of crosslayer.conf.</summary>
public sealed record JournalSettings
{
    private const string Section = "crosslayer.journal";

    /// <summary>The kind of database.</summary>
    public required JournalProvider Provider { get; init; }

    /// <summary>The SQLite file.</summary>
    public required string Path { get; init; }

    /// <summary>How to connect to the server, where the journal is not in a file. It may contain a password: never to be shown.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The persistence id of this program's events.</summary>
    public required string Writer { get; init; }

    /// <summary>Batches that may wait for the disk at one time.</summary>
    public required int MaxPendingBatches { get; init; }

    /// <summary>How long a write or a query waits for the file's lock; SQLite counts whole seconds.</summary>
    public required TimeSpan BusyTimeout { get; init; }

    /// <summary>The wait before the journal is opened again after a failure.</summary>
    public required TimeSpan RestartAfter { get; init; }

    /// <summary>The longest such wait.</summary>
    public required TimeSpan RestartAfterAtMost { get; init; }

    /// <summary>While stopping: how long to wait for one more write to succeed, before what waits is given up.</summary>
    public required TimeSpan GiveUpAfter { get; init; }

    /// <summary>How old an event may become; null for any age.</summary>
    public required TimeSpan? KeepFor { get; init; }

    /// <summary>How many bytes the events may take, apart from recordings; null for any.</summary>
    public required long? KeepAtMost { get; init; }

    /// <summary>How often both are seen to.</summary>
    public required TimeSpan TrimEvery { get; init; }

    /// <summary>The length of a summary's interval.</summary>
    public required TimeSpan SummaryInterval { get; init; }

    /// <summary>Pairs of service and route that a summary tells apart; the rest is counted together.</summary>
    public required int SummaryRoutes { get; init; }

    /// <summary>The journal's name in messages.</summary>
    public string Name => Provider == JournalProvider.Sqlite ? FullPath : PostgresJournal.NameOf(ConnectionString);

    /// <summary>The file's absolute path.</summary>
    public string FullPath => System.IO.Path.GetFullPath(Path);

    /// <summary>The defaults of <c>crosslayer.conf</c>, with the journal at <paramref name="path"/>.</summary>
    public static JournalSettings At(string path) => From(DefaultConfiguration.Load(), path);

    /// <summary>
    /// Reads <c>crosslayer.journal</c>; what <paramref name="config"/> leaves out is taken from <c>crosslayer.conf</c>.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="path">The SQLite file to use instead of what is configured, as given on a command line.</param>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    public static JournalSettings From(Config config, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.WithFallback(DefaultConfiguration.Load()).GetConfig(Section);
        var provider = path is null ? ProviderOf(section.GetString("provider")) : JournalProvider.Sqlite;
        return new JournalSettings
        {
            Provider = provider,
            ConnectionString = provider == JournalProvider.PostgreSql ? ConnectionStringOf(section) : "",
            Path = NotEmpty("path", path ?? section.GetString("path")),
            Writer = NotEmpty("writer", section.GetString("writer")),
            MaxPendingBatches = AtLeast("max-pending-batches", section.GetInt("max-pending-batches"), 1),
            BusyTimeout = AtLeast("busy-timeout", section.GetTimeSpan("busy-timeout"), TimeSpan.FromSeconds(1)),
            RestartAfter = AtLeast("restart-after", section.GetTimeSpan("restart-after"), TimeSpan.FromMilliseconds(1)),
            RestartAfterAtMost = AtLeast(
                "restart-after-at-most", section.GetTimeSpan("restart-after-at-most"), section.GetTimeSpan("restart-after")),
            KeepFor = IsOff(section, "keep-for") ? null : AtLeast("keep-for", section.GetTimeSpan("keep-for"), TimeSpan.FromMinutes(1)),
            KeepAtMost = IsOff(section, "keep-at-most") ? null : AtLeast("keep-at-most", section.GetByteSize("keep-at-most") ?? 0, 1024 * 1024),
            TrimEvery = AtLeast("trim-every", section.GetTimeSpan("trim-every"), TimeSpan.FromSeconds(1)),
            SummaryInterval = AtLeast("summary-interval", section.GetTimeSpan("summary-interval"), TimeSpan.FromSeconds(1)),
            SummaryRoutes = AtLeast("summary-routes", section.GetInt("summary-routes"), 1),
            GiveUpAfter = AtLeast("give-up-after", section.GetTimeSpan("give-up-after"), TimeSpan.Zero),
        };
    }

    /// <summary>Where the journal is; without how to connect.</summary>
    public override string ToString() => $"{Provider} {Name} ({Writer})";

    private static bool IsOff(Config section, string key) => section.GetString(key) == "off";

    private static JournalProvider ProviderOf(string? name) => name switch
    {
        "sqlite" => JournalProvider.Sqlite,
        "postgresql" => JournalProvider.PostgreSql,
        _ => throw new ConfigurationException($"{Section}.provider is '{name}'; it can be sqlite or postgresql."),
    };

    private static string ConnectionStringOf(Config section)
    {
        var (text, file) = (section.GetString("connection-string"), section.GetString("connection-string-file"));
        if (string.IsNullOrWhiteSpace(text) == string.IsNullOrWhiteSpace(file))
        {
            var which = string.IsNullOrWhiteSpace(text) ? "one" : "only one";
            throw new ConfigurationException($"{Section}.provider is postgresql: set {which} of connection-string and connection-string-file.");
        }

        var where = $"{Section}.connection-string";
        if (!string.IsNullOrWhiteSpace(file))
        {
            where = $"{file} ({Section}.connection-string-file)";
            try
            {
                text = File.ReadAllText(file).Trim();
            }
            catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
            {
                throw new ConfigurationException($"{where} cannot be read: {refusal.Message}");
            }
        }

        PostgresJournal.Parse(text, where);
        return text;
    }

    private static string NotEmpty(string key, string? value) =>
        string.IsNullOrWhiteSpace(value) ? throw new ConfigurationException($"{Section}.{key} is empty.") : value;

    private static T AtLeast<T>(string key, T value, T least)
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0
            ? value
            : throw new ConfigurationException($"{Section}.{key} is {value}; the least is {least}.");
}
