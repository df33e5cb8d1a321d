using System.Globalization;
using System.Text;
using System.Text.Json;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Files;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary>What <c>crosslayer discrepancies --summaries</c> prints: a row, or an object, for each route of each interval.</summary>
internal static class SummariesOutput
{
    /// <summary>Prints those that a filter is for, oldest first.</summary>
    public static async Task<int> RunAsync(
        JournalSettings settings, DiscrepancyFilter filter, OutputFormat format, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var query = new DiscrepancyQuery(settings);
        var table = new Table().Border(TableBorder.Simple).AddColumns(
            "From", "Service", "Route", "Requests", "Healthy", "Discrepant", "Inconcl.", "p50 ms", "p99 ms", "Causes", "Lost");
        var lines = new List<string>();
        await foreach (var (_, _, summary) in query.ReadSummariesAsync(filter.Since, filter.Until, cancellation))
        {
            foreach (var route in summary.Routes.Where(filter.Takes))
            {
                if (format == OutputFormat.Table)
                    table.AddRow([.. Cells(summary, route).Select(Markup.Escape)]);
                else
                    lines.Add(Json(summary, route));
            }
        }

        switch (format)
        {
            case OutputFormat.Table when table.Rows.Count == 0:
                await output.WriteLineAsync($"no summaries in {settings.Name}");
                break;
            case OutputFormat.Table:
                Terminal.For(output).Write(table);
                break;
            case OutputFormat.Json:
                await output.WriteLineAsync($"[{string.Join(",\n", lines)}]");
                break;
            default:
                foreach (var line in lines)
                    await output.WriteLineAsync(line);
                break;
        }

        await DiscrepanciesCommand.WarnAsync(query.Unreadable, error);
        return ExitCode.Done;
    }

    private static string[] Cells(IntervalSummary summary, RouteSummary route) =>
    [
        UnixTime.ToDateTime(summary.StartUnixNs).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        route.Service, route.Route, Text(route.Requests), Text(route.Healthy), Text(route.Discrepant), Text(route.Inconclusive),
        Text(route.Latency?.P50Ms), Text(route.Latency?.P99Ms),
        string.Join(", ", route.Causes.OrderByDescending(cause => cause.Value).Select(cause => $"{CorrelationNames.Causes[cause.Key].Value} {cause.Value}")),
        Text(summary.LostEvents),
    ];

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(double? value) => value?.ToString("0.##", CultureInfo.InvariantCulture) ?? "";

    private static string Json(IntervalSummary summary, RouteSummary route)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("start_unix_ns", summary.StartUnixNs);
            writer.WriteNumber("end_unix_ns", summary.EndUnixNs);
            writer.WriteString("service", route.Service);
            writer.WriteString("route", route.Route);
            writer.WriteNumber("requests", route.Requests);
            writer.WriteNumber("healthy", route.Healthy);
            writer.WriteNumber("discrepant", route.Discrepant);
            writer.WriteNumber("inconclusive", route.Inconclusive);
            writer.WriteStartObject("causes");
            foreach (var (cause, count) in route.Causes.OrderBy(cause => cause.Key))
                writer.WriteNumber(CorrelationNames.Causes[cause], count);
            writer.WriteEndObject();
            if (route.Latency is { } latency)
            {
                writer.WriteStartObject("latency_ms");
                writer.WriteNumber("p50", latency.P50Ms);
                writer.WriteNumber("p90", latency.P90Ms);
                writer.WriteNumber("p99", latency.P99Ms);
                writer.WriteNumber("max", latency.MaxMs);
                writer.WriteEndObject();
            }

            writer.WriteNumber("lost_events", summary.LostEvents);
            writer.WriteNumber("overflow_requests", summary.OverflowRequests);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
