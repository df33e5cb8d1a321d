using System.Globalization;
using Akka.Configuration;

namespace CrossLayer.Host.Outputs;

/// <summary>Reads settings of outputs, and says which cannot be used.</summary>
internal static class OutputSetting
{
    /// <summary>A whole number within bounds.</summary>
    public static int Whole(Config config, string section, string key, int low, int high) =>
        int.TryParse(config.GetString($"{section}.{key}"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        && value >= low && value <= high
            ? value
            : throw Unusable(config, section, key, $"a whole number from {low} to {high}");

    /// <summary>A time of some least length.</summary>
    public static TimeSpan Time(Config config, string section, string key, TimeSpan least) =>
        Read(() => config.GetTimeSpan($"{section}.{key}", TimeSpan.Zero, allowInfinite: false)) is { } value && value >= least
            ? value
            : throw Unusable(config, section, key, $"at least {least}");

    /// <summary>A size in bytes of some least length.</summary>
    public static long Bytes(Config config, string section, string key, long least) =>
        Read(() => config.GetByteSize($"{section}.{key}") ?? 0) is { } value && value >= least
            ? value
            : throw Unusable(config, section, key, $"at least {least} bytes");

    /// <summary>A text; null where it is empty.</summary>
    public static string? Text(Config config, string section, string key) =>
        config.GetString($"{section}.{key}") is { Length: > 0 } text ? text : null;

    private static T? Read<T>(Func<T> read)
        where T : struct
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static ConfigurationException Unusable(Config config, string section, string key, string expected) =>
        new($"{section}.{key} = {config.GetString($"{section}.{key}")}: expected {expected}");
}
