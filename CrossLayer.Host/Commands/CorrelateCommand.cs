using System.CommandLine;
using System.Globalization;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer correlate</c>: stored records and kernel events, of one host or of both ends, through the same graph as live ones.</summary>
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
        var peerEvents = CommandOptions.OptionalInputFile("--peer-events",
            "Kernel events of the host at the other end, from the same time. Its clock is aligned by the connections between the two.");
        var peerMetrics = CommandOptions.InputFiles("--peer-metrics", "Request records of the applications on that host.", required: false);
        var peerFormats = CommandOptions.RecordFormats("--peer-format", "What --peer-metrics holds, as --format.");
        var output = CommandOptions.Output("results/correlations.json");
        var command = new Command("correlate", "Correlate stored request records with stored kernel events.")
        {
            metrics, formats, events, peerEvents, peerMetrics, peerFormats, output,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new HostFiles(parsed.GetRequiredValue(events), Pair(parsed, metrics, formats)),
            parsed.GetValue(peerEvents) is { } path ? new HostFiles(path, Pair(parsed, peerMetrics, peerFormats)) : null,
            parsed.GetRequiredValue(output),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellation));
        command.Validators.Add(result =>
        {
            if (result.GetValue(peerMetrics) is { Length: > 0 } && result.GetValue(peerEvents) is null)
                result.AddError("--peer-metrics is of a host whose --peer-events are not given; records of this host go to --app-metrics");
        });
        return command;
    }

    private static async Task<int> RunAsync(HostFiles own, HostFiles? peer, string path, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        // What is kept meanwhile goes where there is room for more than that.
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var ownFiles = await own.ReadAsync(folder, cancellation);
        using var peerFiles = peer is null ? null : await peer.ReadAsync(folder, cancellation);
        HostInput[] files = peerFiles is null ? [ownFiles] : [ownFiles, peerFiles];
        foreach (var warning in files.SelectMany(file => file.Warnings))
            await error.WriteLineAsync($"warning: {warning}");
        IReadOnlyList<HostRecording> hosts = peerFiles is null ? [ownFiles.Recording] : [ownFiles.Recording, await AlignAsync(ownFiles, peerFiles, output)];

        using var correlations = CorrelationWriter.Create(path);
        var summary = new CorrelationSummary();
        await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
        var settings = correlator.Settings;
        if (hosts.Max(host => host.Clock.At(0).ErrorNs) is var errorNs && errorNs > settings.ClockTolerance.TotalNanoseconds)
            await error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"warning: the hosts' clocks are aligned to ± {errorNs / 1e6:0.000} ms only; times from one host to the other may be off by as much"));
        var counters = await correlator.RunAsync(hosts, batch =>
        {
            correlations.Append(batch.Correlations.ToArray());
            foreach (var correlation in batch.Correlations)
                summary.Add(correlation);
        }, cancellation);

        var (lost, seen) = (files.Sum(file => file.Lost), files.Sum(file => file.Seen));
        var eventsPath = string.Join(" and ", files.Select(file => file.Path));
        correlations.SetLostEvents(lost);
        correlations.SetKernelEvidence(seen > 0 ? null : $"{eventsPath} holds nothing that a kernel saw");
        if (counters.LateEvents > 0)
            await error.WriteLineAsync($"warning: {eventsPath}: {counters.LateEvents} events are out of order by more than "
                + $"{settings.Disorder.TotalMilliseconds:0} ms; sort them by timestamp_ns");
        if (counters.RejectedRecords > 0)
            await error.WriteLineAsync($"warning: {counters.RejectedRecords} records were not used: more waited on one connection than "
                + $"{settings.MaxWindowsPerConnection} (crosslayer.correlation.max-windows-per-connection), or they named more connections at a time than "
                + $"{settings.MaxSockets} (crosslayer.correlation.max-sockets)");
        await output.WriteLineAsync($"{files.Sum(file => file.Records)} records and {files.Sum(file => file.Events)} kernel events{(cancellation.IsCancellationRequested ? " (stopped early)" : "")}: "
            + $"{summary[Verdict.Healthy]} healthy, {summary[Verdict.Discrepant]} discrepant, {summary[Verdict.Inconclusive]} inconclusive; "
            + $"{counters.UnclaimedExchanges} exchanges of connections that nobody reports, {lost} events lost");
        foreach (var cause in Enum.GetValues<Cause>().Where(cause => summary[cause] > 0))
            await output.WriteLineAsync($"  {CorrelationNames.Causes[cause].Value}: {summary[cause]}");
        await output.WriteLineAsync($"correlations in {path}");
        return ExitCode.Done;
    }

    /// <summary>Tells how the clocks stand to each other, since no verdict across hosts is better than that.</summary>
    private static async Task<HostRecording> AlignAsync(HostInput own, HostInput peer, TextWriter output)
    {
        var aligned = HostRecording.Align(own.Recording, peer.Recording) ?? throw new InputException(
            $"{own.Path} and {peer.Path}: no connection between the hosts was seen to begin, and to be answered, at both; their clocks cannot be aligned "
            + "(record both hosts at the same time, and let new connections begin meanwhile)");
        var (aheadNs, errorNs) = aligned.Clock.At(0);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"the peer's clock is {Math.Abs(aheadNs) / 1e9:0.000000} s {(aheadNs < 0 ? "behind" : "ahead")}, ± {errorNs / 1e6:0.000} ms, as {aligned.Clock.Agreeing} connections tell"));
        return aligned;
    }

    private static List<(string Path, RecordFormat Format)> Pair(ParseResult parsed, Option<string[]> files, Option<RecordFormat[]> given)
    {
        var (paths, formats) = (parsed.GetValue(files) ?? [], parsed.GetValue(given) is { Length: > 0 } some ? some : [RecordFormat.Json]);
        if (formats.Length != 1 && formats.Length != paths.Length)
            throw new InputException($"{formats.Length} times {given.Name} and {paths.Length} times {files.Name}; expected one {given.Name} for all of them, or one for each");
        return [.. paths.Select((path, i) => (path, formats[formats.Length == 1 ? 0 : i]))];
    }

    /// <summary>The files of one host.</summary>
    private sealed record HostFiles(string Events, IReadOnlyList<(string Path, RecordFormat Format)> Metrics)
    {
        /// <summary>Reads them, the events beside the records; the events end early when cancelled.</summary>
        internal async Task<HostInput> ReadAsync(string folder, CancellationToken cancellation)
        {
            var input = new HostInput(Events);
            try
            {
                var events = Task.Run(() => input.AddEvents(folder, cancellation), CancellationToken.None);
                var records = Task.Run(() =>
                {
                    foreach (var (path, format) in Metrics)
                        input.AddRecords(path, format, folder);
                }, CancellationToken.None);
                await Task.WhenAll(records, events);
                return input;
            }
            catch
            {
                input.Dispose();
                throw;
            }
        }
    }

    /// <summary>What they held.</summary>
    private sealed class HostInput(string path) : IDisposable
    {
        private readonly List<RecordSpool> _records = [];
        private readonly List<string?> _recordWarnings = [];
        private EventSpool? _events;
        private string? _eventWarning;

        internal string Path => path;

        internal HostRecording Recording => new(_events!.ReadAll(), _records);

        internal int Records => _records.Sum(source => source.Count);

        internal long Events => _events!.Count;

        /// <summary>Events that were lost, and events of the kernel.</summary>
        internal long Lost => _events!.Lost;

        internal long Seen => _events!.Seen;

        internal IEnumerable<string> Warnings => _recordWarnings.Append(_eventWarning).OfType<string>();

        public void Dispose()
        {
            _events?.Dispose();
            _records.ForEach(source => source.Dispose());
        }

        internal void AddEvents(string folder, CancellationToken cancellation)
        {
            using var reader = RecordReader<DatedKernelEvent>.Open(path, KernelEventJson.Kind);
            _events = EventSpool.Fill(reader.ReadAll().TakeWhile(_ => !cancellation.IsCancellationRequested), folder);
            _eventWarning = reader.Warning;
        }

        internal void AddRecords(string file, RecordFormat format, string folder)
        {
            using var reader = RecordReader<RequestRecord>.Open(file, RecordKinds.KindOf(format));
            _records.Add(RecordSpool.Fill(reader, folder));
            _recordWarnings.Add(reader.Warning);
        }
    }
}
