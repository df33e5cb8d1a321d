using Akka.Configuration;
using CrossLayer.Actors.Configuration;

namespace CrossLayer.Actors.Recording;

/// <summary>Whether and how the pipeline's input is recorded: section <c>crosslayer.recording</c> of crosslayer.conf.</summary>
public sealed record RecordingSettings
{
    private const string Section = "crosslayer.recording";

    /// <summary>Input is recorded.</summary>
    public bool Enabled { get; init; }

    /// <summary>What is older is deleted, oldest first.</summary>
    public required TimeSpan KeepFor { get; init; }

    /// <summary>Bytes of rows kept at most; beyond, the oldest are deleted.</summary>
    public required long KeepAtMost { get; init; }

    /// <summary>Bytes of rows after which a session goes on in another part. Whole parts are deleted.</summary>
    public required long PartSize { get; init; }

    /// <summary>The age at which a part is followed by another.</summary>
    public required TimeSpan PartAge { get; init; }

    /// <summary>How long input is gathered for a row.</summary>
    public required TimeSpan FlushAfter { get; init; }

    /// <summary>Rows that may wait for the disk.</summary>
    public required int MaxPendingBatches { get; init; }

    /// <summary>How long the pipeline waits for the recording, once, before input goes by unrecorded.</summary>
    public required TimeSpan WaitAtMost { get; init; }

    /// <summary>Reads <c>crosslayer.recording</c>; what <paramref name="config"/> leaves out is taken from <c>crosslayer.conf</c>.</summary>
    /// <exception cref="ConfigurationException">A value is out of its range; the message names it.</exception>
    public static RecordingSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.WithFallback(DefaultConfiguration.Load()).GetConfig(Section);
        var settings = new RecordingSettings
        {
            Enabled = section.GetBoolean("enabled"),
            KeepFor = Time(section, "keep-for", TimeSpan.FromMinutes(1)),
            KeepAtMost = Size(section, "keep-at-most", 1024 * 1024),
            PartSize = Size(section, "part-size", 64 * 1024),
            PartAge = Time(section, "part-age", TimeSpan.FromSeconds(1)),
            FlushAfter = Time(section, "flush-after", TimeSpan.FromMilliseconds(1)),
            MaxPendingBatches = AtLeast("max-pending-batches", section.GetInt("max-pending-batches"), 1),
            WaitAtMost = section.GetTimeSpan("wait-at-most", allowInfinite: false),
        };
        if (settings.PartSize > settings.KeepAtMost / 2)
            throw new ConfigurationException($"{Section}.part-size is {settings.PartSize} bytes; at most half of keep-at-most ({settings.KeepAtMost} bytes), since whole parts are deleted.");
        return settings;
    }

    private static TimeSpan Time(Config section, string key, TimeSpan least) => AtLeast(key, section.GetTimeSpan(key, allowInfinite: false), least);

    private static long Size(Config section, string key, long least) => AtLeast(key, section.GetByteSize(key) ?? 0, least);

    private static T AtLeast<T>(string key, T value, T least)
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 ? value : throw new ConfigurationException($"{Section}.{key} is {value}; the least is {least}.");
}
