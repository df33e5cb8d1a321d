using System.Globalization;

namespace CrossLayer.Host.Serving;

/// <summary>By which a client says that it is ready to wait for a response: <c>Prefer: wait=10</c>, in seconds (RFC 7240, 4.3).</summary>
internal static class WaitPreference
{
    /// <summary>The header.</summary>
    public const string Header = "Prefer";

    /// <summary>The header's value for a time; what is begun of a second counts.</summary>
    public static string Of(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"wait={Math.Ceiling(time.TotalSeconds):0}");

    /// <summary>True if one of the header's values asks to wait for a second or more.</summary>
    public static bool IsIn(IEnumerable<string?> values) => values
        .SelectMany(value => (value ?? "").Split(','))
        .Select(preference => preference.Split(';', 2)[0].Split('=', 2, StringSplitOptions.TrimEntries))
        .Any(preference => preference is [var name, var seconds] && name.Equals("wait", StringComparison.OrdinalIgnoreCase)
            && int.TryParse(seconds.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0);
}
