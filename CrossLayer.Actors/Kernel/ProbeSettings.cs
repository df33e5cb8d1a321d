using Akka.Configuration;

namespace CrossLayer.Actors.Kernel;

/// <summary>How the probe's actor behaves: section <c>crosslayer.probe</c> of crosslayer.conf.</summary>
public sealed record ProbeSettings
{
    private const string Section = "crosslayer.probe";

    /// <summary>The wait before a probe that could not be started, or has died, is tried again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait.</summary>
    public TimeSpan RetryAfterAtMost { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is missing or out of its range; the message names it.</exception>
    public static ProbeSettings From(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var section = config.GetConfig(Section) ?? throw new ConfigurationException($"the configuration has no section {Section}");
        var after = AtLeast(section, "retry-after", TimeSpan.FromMilliseconds(1));
        return new ProbeSettings { RetryAfter = after, RetryAfterAtMost = AtLeast(section, "retry-after-at-most", after) };
    }

    /// <summary>The wait that follows one: twice as long, up to the longest.</summary>
    internal TimeSpan Next(TimeSpan wait) => wait * 2 < RetryAfterAtMost ? wait * 2 : RetryAfterAtMost;

    private static TimeSpan AtLeast(Config section, string key, TimeSpan least)
    {
        var value = section.GetTimeSpan(key, TimeSpan.Zero, allowInfinite: false);
        return value >= least ? value : throw new ConfigurationException($"{Section}.{key} = {value}: expected at least {least}");
    }
}
