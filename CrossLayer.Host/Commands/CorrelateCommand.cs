using System.CommandLine;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer correlate</c>: stored records and kernel events through the same graph as live ones.</summary>
internal static class CorrelateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var metrics = CommandOptions.InputFiles("--app-metrics",
            "Request records, JSON array or JSON lines; several times for the records of several applications.");
        var formats = CommandOptions.RecordFormats("--format",
            "What --app-metrics holds: json (the default), request records as crosslayer writes them; nginx, haproxy, apache or envoy, an access log of that "
            + "program in the format that config/ has for it. Once for all files, or once for each, in their order.");
        var events = CommandOptions.InputFile("--ebpf-events", "Kernel events, JSON array or JSON lines.");
        var output = CommandOptions.Output("results/correlations.json");
        var command = new Command("correlate", "Correlate stored request records with stored kernel events.") { metrics, formats, events, output };
        command.SetAction((parsed, cancellation) => RunAsync(
            Pair(parsed.GetRequiredValue(metrics), parsed.GetValue(formats) is { Length: > 0 } given ? given : [RecordFormat.Json]),
            parsed.GetRequiredValue(events),
            parsed.GetRequiredValue(output),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<(string Path, RecordFormat Format)> metrics, string eventsPath, string path, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var records = metrics.Select(file => ReadRecords(file.Path, file.Format, error)).ToList();
        using var events = RecordReader<DatedKernelEvent>.Open(eventsPath, KernelEventJson.Kind, again: true);
        using var correlations = CorrelationWriter.Create(path);
        var summary = new CorrelationSummary();

        var (lost, seen) = (0L, 0L);
        await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
        var settings = correlator.Settings;
        var counters = await correlator.RunAsync(Read(events, total => (lost, seen) = total, cancellation), records, batch =>
        {
            correlations.Append(batch.Correlations.ToArray());
            foreach (var correlation in batch.Correlations)
                summary.Add(correlation);
        }, cancellation);

        correlations.SetLostEvents(lost);
        correlations.SetKernelEvidence(seen > 0 ? null : $"{eventsPath} holds nothing that a kernel saw");
        if (events.Warning is { } warning)
            await error.WriteLineAsync($"warning: {warning}");
        if (counters.LateEvents > 0)
            await error.WriteLineAsync($"warning: {eventsPath}: {counters.LateEvents} events are out of order by more than "
                + $"{settings.Disorder.TotalMilliseconds:0} ms; sort them by timestamp_ns");
        if (counters.RejectedRecords > 0)
            await error.WriteLineAsync($"warning: {counters.RejectedRecords} records were not used: more waited on one connection than "
                + $"{settings.MaxWindowsPerConnection} (crosslayer.correlation.max-windows-per-connection)");
        await output.WriteLineAsync($"{records.Sum(file => file.Count)} records and {events.Count} kernel events{(cancellation.IsCancellationRequested ? " (stopped early)" : "")}: "
            + $"{summary[Verdict.Healthy]} healthy, {summary[Verdict.Discrepant]} discrepant, {summary[Verdict.Inconclusive]} inconclusive; "
            + $"{counters.UnclaimedExchanges} exchanges of connections that nobody reports, {lost} events lost");
        foreach (var cause in Enum.GetValues<Cause>().Where(cause => summary[cause] > 0))
            await output.WriteLineAsync($"  {CorrelationNames.Causes[cause].Value}: {summary[cause]}");
        await output.WriteLineAsync($"correlations in {path}");
        return ExitCode.Done;
    }

    private static List<(string Path, RecordFormat Format)> Pair(string[] paths, RecordFormat[] formats)
    {
        if (formats.Length != 1 && formats.Length != paths.Length)
            throw new InputException($"{formats.Length} times --format and {paths.Length} times --app-metrics; "
                + "expected one --format for all of them, or one for each");
        return [.. paths.Select((path, i) => (path, formats[formats.Length == 1 ? 0 : i]))];
    }

    private static List<RequestRecord> ReadRecords(string path, RecordFormat format, TextWriter error)
    {
        using var reader = RecordReader<RequestRecord>.Open(path, RecordKinds.KindOf(format));
        var records = reader.ReadAll().ToList();
        if (reader.Warning is { } warning)
            error.WriteLine($"warning: {warning}");
        return records;
    }

    /// <summary>The events, each time from the start; ends early when cancelled. Tells those lost and those of the kernel so far.</summary>
    private static IEnumerable<(Probe.KernelEvent Event, long UnixNs)> Read(
        RecordReader<DatedKernelEvent> events, Action<(long Lost, long Seen)> setTotals, CancellationToken cancellation)
    {
        var totals = (Lost: 0L, Seen: 0L);
        foreach (var dated in events.ReadAll().TakeWhile(_ => !cancellation.IsCancellationRequested))
        {
            totals = (totals.Lost + dated.Event.LostEvents, totals.Seen + (dated.Event.IsOfKernel ? 1 : 0));
            setTotals(totals);
            yield return (dated.Event, dated.UnixNs);
        }
    }
}
