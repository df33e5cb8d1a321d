using Akka.Configuration;
using CrossLayer.Actors.Configuration;

namespace CrossLayer.Actors.Journal;

/// <summary>Where the journal is and how it behaves: section <c>crosslayer.journal</c> of crosslayer.conf.</summary>
public sealed record JournalSettings
{
    private const string Section = "crosslayer.journal";

    /// <summary>The SQLite file.</summary>
    public required string Path { get; init; }

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

    /// <summary>The journal's name in messages.</summary>
    public string Name => FullPath;

    /// <summary>The file's absolute path.</summary>
    public string FullPath => System.IO.Path.GetFullPath(Path);

    /// <summary>The defaults of <c>crosslayer.conf</c>, with the journal at <paramref name="path"/>.</summary>
    public static JournalSettings At(string path) => From(DefaultConfiguration.Load(), path);

    /// <summary>
    /// Reads <c>crosslayer.journal</c>; what <paramref name="config"/> leaves out is taken from <c>crosslayer.conf</c>.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="path">The file to use instead of the configured one, as given on a command line.</param>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    public static JournalSettings From(Config config, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.WithFallback(DefaultConfiguration.Load()).GetConfig(Section);
        return new JournalSettings
        {
            Path = NotEmpty("path", path ?? section.GetString("path")),
            Writer = NotEmpty("writer", section.GetString("writer")),
            MaxPendingBatches = AtLeast("max-pending-batches", section.GetInt("max-pending-batches"), 1),
            BusyTimeout = AtLeast("busy-timeout", section.GetTimeSpan("busy-timeout"), TimeSpan.FromSeconds(1)),
            RestartAfter = AtLeast("restart-after", section.GetTimeSpan("restart-after"), TimeSpan.FromMilliseconds(1)),
            RestartAfterAtMost = AtLeast(
                "restart-after-at-most", section.GetTimeSpan("restart-after-at-most"), section.GetTimeSpan("restart-after")),
            GiveUpAfter = AtLeast("give-up-after", section.GetTimeSpan("give-up-after"), TimeSpan.Zero),
        };
    }

    private static string NotEmpty(string key, string? value) =>
        string.IsNullOrWhiteSpace(value) ? throw new ConfigurationException($"{Section}.{key} is empty.") : value;

    private static T AtLeast<T>(string key, T value, T least)
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0
            ? value
            : throw new ConfigurationException($"{Section}.{key} is {value}; the least is {least}.");
}
