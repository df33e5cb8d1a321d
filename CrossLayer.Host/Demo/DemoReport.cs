using System.Globalization;
using System.Text;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using Spectre.Console;

namespace CrossLayer.Host.Demo;

/// <summary>Tells the story of a run, on a console and as Markdown.</summary>
internal sealed class DemoReport
{
    private readonly List<Section> _sections;

    /// <summary>The story of a run.</summary>
    public DemoReport(DemoResult result) =>
        _sections = [Application(result), Kernel(result), Together(result), Check(result), FilesOf(result)];

    /// <summary>Prints it.</summary>
    public void Write(IAnsiConsole console)
    {
        foreach (var section in _sections)
        {
            console.WriteLine();
            console.MarkupLine($"[bold]{Markup.Escape(section.Title)}[/]");
            console.WriteLine(section.Text);
            if (section.Rows.Count == 0)
                continue;
            var table = new Table().Border(TableBorder.Simple).AddColumns(section.Columns);
            foreach (var row in section.Rows)
                table.AddRow([.. row.Select(Markup.Escape)]);
            console.Write(table);
        }
    }

    /// <summary>The same as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("# CrossLayer demo\n");
        foreach (var section in _sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Title}\n\n{section.Text}\n");
            if (section.Rows.Count == 0)
                continue;
            text.Append(CultureInfo.InvariantCulture, $"\n| {string.Join(" | ", section.Columns)} |\n");
            text.Append(CultureInfo.InvariantCulture, $"|{string.Concat(Enumerable.Repeat(" --- |", section.Columns.Length))}\n");
            foreach (var row in section.Rows)
                text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |\n");
        }

        return text.ToString();
    }

    private static Section Application(DemoResult result)
    {
        var rows = new List<string[]>();
        Add("client", result.ClientRecords);
        Add("server", result.ServerRecords);
        var unread = result.ServerRecords.FirstOrDefault(record => record.RequestId == DemoScenario.Faults[0].Id);
        return new Section("What the applications saw",
            unread is null ? "" : string.Create(CultureInfo.InvariantCulture,
                $"The server's log says of '{unread.RequestId}': {unread.StatusCode} in {unread.LatencyMs:0.0} ms. All is well, it says."),
            ["Side", "Result", "Requests", "Slowest (ms)"], rows);

        void Add(string side, IReadOnlyList<RequestRecord> records)
        {
            foreach (var group in records.GroupBy(record => record.Result).OrderBy(group => group.Key))
                rows.Add([side, RequestRecordJson.NameOf(group.Key), Text(group.Count()), Ms(group.Max(record => record.LatencyMs))]);
        }
    }

    private static Section Kernel(DemoResult result) => new("What the kernel saw",
        $"{Text((long)result.Counters.Read)} events of two ports, {Text((long)result.Counters.Lost)} lost. Resets and a closed window, but of which request?",
        ["Event", "Count"],
        [.. result.EventCounts.Select(pair => new[] { KernelEventJson.NameOf(pair.Key), Text(pair.Value) })]);

    private static Section Together(DemoResult result) => new("What only the two together show",
        $"{result.Correlations.Count(c => c.Finding.Verdict == Verdict.Discrepant)} of {result.Correlations.Count} requests are discrepant.",
        ["Request", "Cause", "Blind layer", "Confidence", "What happened"],
        [.. result.Correlations.Where(c => c.Finding.Verdict == Verdict.Discrepant).Select(c => new[]
        {
            c.RequestId.Text,
            CorrelationNames.Causes[c.Finding.Cause!.Value].Value,
            CorrelationNames.BlindLayers[c.Finding.BlindLayer].Value,
            c.Finding.Confidence.ToString("0.00", CultureInfo.InvariantCulture),
            c.Finding.Reason ?? "",
        })]);

    private static Section Check(DemoResult result)
    {
        var missed = result.MissedFaults.ToList();
        var rows = new List<string[]>
        {
            new[] { "injected faults found and explained", $"{DemoScenario.Faults.Count - missed.Count} of {DemoScenario.Faults.Count}" },
            new[] { "ordinary requests matched at both ends", $"{result.Matched} of {result.Requests}" },
            new[] { "ordinary requests inconclusive", Text(result.Ordinary.Count(c => c.Finding.Verdict == Verdict.Inconclusive)) },
            new[] { "false discrepancies", Text(result.FalseDiscrepancies) },
            new[] { "kernel events lost", Text((long)result.Counters.Lost) },
        };
        rows.AddRange(missed.Select(what => new[] { "not found", what }));
        return new Section("Does it hold?",
            result.StoppedEarly ? "The run was stopped early: this is what there was until then."
            : result.IsAsExpected ? "Yes." : "No: see below.",
            ["Check", "Result"], rows);
    }

    private static Section FilesOf(DemoResult result) => new("Files",
        $"In {result.Folder}: client_metrics.json, server_metrics.json, ebpf_events.json, correlations.json (each also as .jsonl) and report.md.\n"
        + $"The discrepancies are in the journal, too ({result.JournalPath}): crosslayer discrepancies",
        [], []);

    private static string Ms(double ms) => ms.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Section(string Title, string Text, string[] Columns, IReadOnlyList<string[]> Rows);
}
