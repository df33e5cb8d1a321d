using System.Globalization;
using System.Text;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Outputs.Watch;

/// <summary>What a watcher prints where there is no terminal: one line for each event.</summary>
internal static class WatchLines
{
    /// <summary>For a person.</summary>
    public static string Text(WatchEvent next, Uri url)
    {
        ArgumentNullException.ThrowIfNull(next);
        var what = next switch
        {
            FiguresRead read => Text(read.Figures),
            DiscrepancySeen seen => Text(seen),
            DiscrepanciesMissed { Missed: { } missed } => $"{missed} discrepancies missed",
            DiscrepanciesMissed => "discrepancies missed; the daemon began anew",
            DaemonAway away => $"{url} does not answer: {away.Reason}; it is tried again",
            DaemonBack => $"{url} answers",
            _ => throw new ArgumentException($"{next.GetType().Name}", nameof(next)),
        };
        return $"{next.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {what}";
    }

    /// <summary>For a program: one JSON value.</summary>
    public static string Json(WatchEvent next)
    {
        ArgumentNullException.ThrowIfNull(next);
        using var json = new JsonBytes();
        var writer = json.Writer;
        writer.WriteStartObject();
        writer.WriteString("at", next.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        switch (next)
        {
            case FiguresRead { Figures: var figures }:
                writer.WriteString("type", "figures");
                writer.WriteNumber("requests_per_second", Math.Round(figures.RequestsPerSecond, 3));
                foreach (var (verdict, rate) in figures.Verdicts)
                    writer.WriteNumber($"{verdict}_per_second", Math.Round(rate, 3));
                writer.WriteNumber("lost_per_second", Math.Round(figures.LostPerSecond, 3));
                writer.WriteNumber("shed_per_second", Math.Round(figures.ShedPerSecond, 3));
                writer.WriteNumber("rejected_per_second", Math.Round(figures.RejectedPerSecond, 3));
                writer.WriteNumber("lag_seconds", figures.LagSeconds);
                writer.WriteStartArray("problems");
                foreach (var problem in figures.Problems)
                    writer.WriteStringValue(problem);
                writer.WriteEndArray();
                break;
            case DiscrepancySeen seen:
                writer.WriteString("type", "discrepancy");
                writer.WritePropertyName("correlation");
                writer.WriteRawValue(seen.Json);
                break;
            case DiscrepanciesMissed missed:
                writer.WriteString("type", "gap");
                if (missed.Missed is { } count)
                    writer.WriteNumber("missed", count);
                else
                    writer.WriteNull("missed");
                break;
            case DaemonAway away:
                writer.WriteString("type", "away");
                writer.WriteString("reason", away.Reason);
                break;
            default:
                writer.WriteString("type", "answers");
                break;
        }

        writer.WriteEndObject();
        return Encoding.UTF8.GetString(json.Written);
    }

    /// <summary>Where a discrepancy was: service and route.</summary>
    public static string Where(DiscrepancySeen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        var record = seen.Correlation.ServerRecord ?? seen.Correlation.ClientRecord;
        return Clean($"{record?.Service ?? "-"} {record?.Route ?? "-"}");
    }

    /// <summary>Its cause.</summary>
    public static string Cause(DiscrepancySeen seen) =>
        CorrelationNames.Causes[seen.Correlation.Finding.Cause ?? Actors.Correlations.Cause.Unknown].Value;

    /// <summary>Foreign text without what a terminal would obey.</summary>
    public static string Clean(string text) => string.Concat(text.Select(character => char.IsControl(character) ? '?' : character));

    private static string Text(DiscrepancySeen seen) =>
        Clean($"{Cause(seen)} {Where(seen)} request {seen.Correlation.RequestId.Text}: {seen.Correlation.Finding.Reason}");

    private static string Text(WatchFigures figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"{figures.RequestsPerSecond:0.0} requests/s ({string.Join(", ", figures.Verdicts.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.PerSecond:0.0} {pair.Verdict}")))}), ")
        + string.Create(
            CultureInfo.InvariantCulture,
            $"{figures.LostPerSecond:0.0} events/s lost, {figures.ShedPerSecond:0.0}/s shed, {figures.RejectedPerSecond:0.0}/s rejected, {figures.LagSeconds:0.0} s behind, ")
        + (figures.Problems.Count == 0 ? "ready" : $"not ready: {string.Join("; ", figures.Problems)}");
}
