using System.CommandLine;
using System.Globalization;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Loading;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer load</c>: sends requests at an even pace and reports each.</summary>
internal static class LoadCommand
{
    private const int MaxRequests = 10_000_000;
    private const int MaxMs = 86_400_000;
    private const int MaxConcurrency = 10_000;

    // Without a terminal, one line for each tenth of the way.
    private const int PlainLines = 10;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var url = CommandOptions.HttpUrl("--url", "What to request.");
        var requests = CommandOptions.Whole("--requests", "How many requests.", 100, 1, MaxRequests);
        var interval = CommandOptions.Whole("--interval", "From one start to the next, in milliseconds.", 200, 0, MaxMs);
        var output = CommandOptions.Output("results/client_metrics.json");
        var concurrency = CommandOptions.Whole("--concurrency", "Requests in flight at once.", 1, 1, MaxConcurrency);
        var timeout = CommandOptions.Whole("--timeout", "How long a request may take, in milliseconds.", 5000, 1, MaxMs);
        var reportTo = DaemonReport.Option();
        var command = new Command("load", "Send HTTP requests at an even pace and report each.")
        {
            url, requests, interval, output, concurrency, timeout, reportTo,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new LoadOptions
            {
                Url = parsed.GetRequiredValue(url),
                Requests = parsed.GetRequiredValue(requests),
                IntervalMs = parsed.GetRequiredValue(interval),
                Concurrency = parsed.GetRequiredValue(concurrency),
                TimeoutMs = parsed.GetRequiredValue(timeout),
            },
            parsed.GetRequiredValue(output),
            parsed.GetValue(reportTo),
            parsed.InvocationConfiguration.Output,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LoadOptions options, string path, Uri? daemon, TextWriter output, CancellationToken cancellation)
    {
        await using var report = DaemonReport.To(daemon, options.Service);
        using var records = RecordWriter<RequestRecord>.Create(path, RequestRecordJson.Kind);
        var summary = Terminal.IsTerminal(output)
            ? await AnsiConsole.Progress().StartAsync(context =>
            {
                var bar = context.AddTask(Markup.Escape(options.Url.ToString()), maxValue: options.Requests);
                return SendAsync(finished => bar.Value = finished);
            })
            : await SendAsync(PlainProgress(options.Requests, output));

        var ofAll = summary.Count < options.Requests ? $" (of {options.Requests}, stopped early)" : "";
        await output.WriteLineAsync($"{summary.Count} requests{ofAll}: {Results(summary)}");
        if (summary.Count > 0)
        {
            var (median, p95, max) = (summary.LatencyMs(0.5), summary.LatencyMs(0.95), summary.LatencyMs(1));
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"latency: p50 {median:0.00} ms, p95 {p95:0.00} ms, max {max:0.00} ms"));
        }

        await output.WriteLineAsync($"records in {path}");
        if (report is not null)
            await report.EndAsync(output);
        return ExitCode.Done;

        Task<LoadSummary> SendAsync(Action<int> progress) =>
            LoadGenerator.RunAsync(options, record =>
            {
                records.Append(record);
                report?.Report(record);
            }, progress, cancellation);
    }

    private static Action<int> PlainProgress(int requests, TextWriter output)
    {
        var step = Math.Max(1, requests / PlainLines);
        return finished =>
        {
            if (finished % step == 0)
                output.WriteLine($"{finished} of {requests}");
        };
    }

    private static string Results(LoadSummary summary) => summary.Count == 0
        ? "none was sent"
        : string.Join(", ", Enum.GetValues<RequestResult>()
            .Where(result => summary[result] > 0)
            .Select(result => $"{summary[result]} {RequestRecordJson.NameOf(result)}"));
}
