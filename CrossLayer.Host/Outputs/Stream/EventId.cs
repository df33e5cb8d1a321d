using System.Globalization;

namespace CrossLayer.Host.Outputs.Stream;

/// <summary>The id of an event in the live stream: <c>RUN-KIND-NUMBER</c>, such as <c>18f3a2b4c5d-d-17</c>.</summary>
/// <param name="Run">Which run of the daemon numbered it; in hexadecimal.</param>
/// <param name="All">Numbered among all correlations (<c>a</c>), or among discrepancies (<c>d</c>).</param>
/// <param name="Number">From 1.</param>
internal readonly record struct EventId(long Run, bool All, long Number)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Run:x}-{(All ? 'a' : 'd')}-{Number}");

    /// <summary>Reads one.</summary>
    public static bool TryParse(string? text, out EventId id)
    {
        id = default;
        if (text?.Split('-') is not [var run, "a" or "d", var number]
            || !long.TryParse(run, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var runNumber)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        id = new EventId(runNumber, text.Contains("-a-", StringComparison.Ordinal), value);
        return true;
    }
}
