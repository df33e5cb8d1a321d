using System.Globalization;

namespace CrossLayer.Host.Serving;

/// <summary>For how long a client keeps an idle connection, as it says itself: <c>Keep-Alive: timeout=5</c>, in seconds (RFC 2068, 19.7.1.1).</summary>
internal static class IdleTimeout
{
    /// <summary>The header's value for a number of seconds.</summary>
    public static string Of(int seconds) => string.Create(CultureInfo.InvariantCulture, $"timeout={seconds}");

    /// <summary>The time that one of the header's values gives; null where none does.</summary>
    public static TimeSpan? Of(IEnumerable<string?> values)
    {
        foreach (var parameter in values.SelectMany(value => (value ?? "").Split(',')))
        {
            if (parameter.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var seconds] && name.Equals("timeout", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 3600)
                return TimeSpan.FromSeconds(count);
        }

        return null;
    }
}
