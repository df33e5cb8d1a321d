using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Daemon;
using CrossLayer.Host.Files;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer discrepancies</c>: what the journal holds, oldest first.</summary>
internal static class DiscrepanciesCommand
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        const string times = "a time such as 2026-01-31T10:00:00Z, or an age such as 90s, 15m, 2h, 7d";
        var journal = new Option<string?>("--journal") { Description = "The journal's SQLite file, if not the configured journal.", HelpName = "file" };
        var config = new Option<string?>("--config") { Description = "A HOCON file over the defaults, as for run: it says where the journal is.", HelpName = "file" };
        var since = CommandOptions.Since("--since", $"Only what was written since then: {times}.");
        var until = CommandOptions.Since("--until", $"Only what was written before then: {times}.");
        var causes = CommandOptions.Causes("--cause", "Only this cause; may be given several times.");
        var service = new Option<string?>("--service") { Description = "Only requests whose records name this service.", HelpName = "name" };
        var route = new Option<string?>("--route") { Description = "Only requests whose records name this route; with a * at its end, all that begin so.", HelpName = "route" };
        var confidence = CommandOptions.Share("--min-confidence", "Only where the cause is at least so sure, from 0 to 1.", 0);
        var limit = CommandOptions.Whole("--limit", "At most so many, the newest; 0: all.", 0, 0, int.MaxValue);
        var summaries = new Option<bool>("--summaries") { Description = "The sums by interval, service and route in the place of single requests; --since, --until, --service and --route apply." };
        var format = CommandOptions.Format();
        var command = new Command("discrepancies", "List the discrepancies in the journal.")
        {
            journal, config, since, until, causes, service, route, confidence, limit, summaries, format,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var loaded = ConfigurationLoader.Load(parsed.GetValue(config), [], Environment.GetEnvironmentVariables());
            var settings = JournalSettings.From(loaded, parsed.GetValue(journal));
            var filter = new DiscrepancyFilter
            {
                Since = parsed.GetValue(since),
                Until = parsed.GetValue(until),
                Causes = parsed.GetRequiredValue(causes),
                Service = parsed.GetValue(service),
                Route = parsed.GetValue(route),
                MinConfidence = parsed.GetRequiredValue(confidence),
            };
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(summaries))
                return SummariesOutput.RunAsync(settings, filter, parsed.GetRequiredValue(format), output, error, cancellation);
            return RunAsync(settings, filter, parsed.GetRequiredValue(limit), parsed.GetRequiredValue(format), output, error, cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        JournalSettings settings, DiscrepancyFilter filter, int limit, OutputFormat format, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var query = new DiscrepancyQuery(settings);
        var stored = query.ReadAsync(filter, 0, cancellation);
        if (limit > 0)
            stored = NewestAsync(stored, limit);
        await (format == OutputFormat.Table ? WriteTableAsync(stored, settings.Name, output) : WriteJsonAsync(stored, format, output));
        await WarnAsync(query.Unreadable, error);
        return ExitCode.Done;
    }

    /// <summary>Says what a query has passed over, if anything.</summary>
    internal static Task WarnAsync(UnreadableEvents unreadable, TextWriter error) => unreadable.Count == 0
        ? Task.CompletedTask
        : error.WriteLineAsync($"warning: {unreadable.Count} events of the journal cannot be read and were passed over; the first: {unreadable.First}");

    private static async IAsyncEnumerable<StoredDiscrepancy> NewestAsync(IAsyncEnumerable<StoredDiscrepancy> stored, int limit)
    {
        var newest = new Queue<StoredDiscrepancy>();
        await foreach (var one in stored)
        {
            if (newest.Count == limit)
                newest.Dequeue();
            newest.Enqueue(one);
        }

        foreach (var one in newest)
            yield return one;
    }

    private static async Task WriteTableAsync(IAsyncEnumerable<StoredDiscrepancy> stored, string path, TextWriter output)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("Request began", "Request", "Cause", "Blind", "Conf.", "What happened");
        await foreach (var (_, _, _, writtenAt, correlation) in stored)
        {
            var began = correlation.StartUnixNs is { } ns ? UnixTime.ToDateTime(ns) : writtenAt;
            table.AddRow(
                Markup.Escape(began.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)),
                Markup.Escape(correlation.RequestId.Text),
                CorrelationNames.Causes[correlation.Finding.Cause!.Value].Value,
                CorrelationNames.BlindLayers[correlation.Finding.BlindLayer].Value,
                correlation.Finding.Confidence.ToString("0.00", CultureInfo.InvariantCulture),
                Markup.Escape(correlation.Finding.Reason ?? ""));
        }

        if (table.Rows.Count == 0)
            await output.WriteLineAsync($"no discrepancies in {path}");
        else
            Terminal.For(output).Write(table);
    }

    private static async Task WriteJsonAsync(IAsyncEnumerable<StoredDiscrepancy> stored, OutputFormat format, TextWriter output)
    {
        using var buffer = new MemoryStream();
        await using var writer = new Utf8JsonWriter(buffer, format == OutputFormat.Json ? Indented : default);
        if (format == OutputFormat.Json)
            writer.WriteStartArray();
        await foreach (var discrepancy in stored)
        {
            CorrelationJson.Kind.Write(writer, discrepancy.Correlation);
            if (format == OutputFormat.Json)
                continue;
            await FlushAsync();
            await output.WriteLineAsync();
            writer.Reset();
        }

        if (format == OutputFormat.Json)
        {
            writer.WriteEndArray();
            await FlushAsync();
            await output.WriteLineAsync();
        }

        async Task FlushAsync()
        {
            await writer.FlushAsync(CancellationToken.None);
            await output.WriteAsync(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
            buffer.SetLength(0);
        }
    }
}
