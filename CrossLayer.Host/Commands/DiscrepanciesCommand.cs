using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Journal;
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
        var journal = new Option<string?>("--journal") { Description = "The journal's file, if not the configured one.", HelpName = "file" };
        var since = CommandOptions.Since("--since", "Only what was written since then: a time such as 2026-01-31T10:00:00Z, or an age such as 90s, 15m, 2h, 7d.");
        var format = CommandOptions.Format();
        var command = new Command("discrepancies", "List the discrepancies in the journal.") { journal, since, format };
        command.SetAction((parsed, cancellation) => RunAsync(
            JournalSettings.From(DefaultConfiguration.Load(), parsed.GetValue(journal)),
            parsed.GetValue(since),
            parsed.GetRequiredValue(format),
            parsed.InvocationConfiguration.Output,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        JournalSettings settings, DateTimeOffset? since, OutputFormat format, TextWriter output, CancellationToken cancellation)
    {
        using var system = ActorSystem.Create("crosslayer", JournalConfiguration.ForReading(settings).WithFallback(DefaultConfiguration.Load()));
        try
        {
            var stored = new DiscrepancyQuery(system).Current()
                .Where(discrepancy => since is null || discrepancy.WrittenAt >= since)
                .TakeWhile(_ => !cancellation.IsCancellationRequested);
            switch (format)
            {
                case OutputFormat.Table:
                    await WriteTableAsync(stored.RunAsAsyncEnumerable(system.Materializer()), settings.FullPath, output);
                    break;
                default:
                    await WriteJsonAsync(stored.RunAsAsyncEnumerable(system.Materializer()), format, output);
                    break;
            }
        }
        finally
        {
            await system.Terminate();
        }

        return ExitCode.Done;
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
