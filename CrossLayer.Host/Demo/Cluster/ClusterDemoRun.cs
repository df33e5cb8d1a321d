using System.Globalization;
using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;
using CrossLayer.Host.Outputs.Cluster;
using Spectre.Console;

namespace CrossLayer.Host.Demo.Cluster;

/// <summary><c>crosslayer demo --cluster</c>: what two hosts each know a half of, and what the cluster makes of it.</summary>
internal static class ClusterDemoRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Runs it, and tells as it goes.</summary>
    /// <returns>Whether all was found where it was made.</returns>
    public static async Task<bool> RunAsync(int requests, string folder, TextWriter output, CancellationToken cancellation)
    {
        await output.WriteLineAsync("three hosts: client 10.77.1.2, between 10.77.1.1, server 10.77.2.2, each with a daemon that sees its own host alone");
        await output.FlushAsync(cancellation);
        await using var demo = await ClusterDemo.StartAsync(folder, [], cancellation);
        await output.WriteLineAsync("a cluster of three; requests go from client to server");
        await output.FlushAsync(cancellation);

        var steps = new List<Step>
        {
            await StepAsync("ordinary requests", TroublePlace.None, requests, () => demo.LoadAsync(requests, 20, 5000, cancellation)),
            await StepAsync("responses lost on the way", TroublePlace.Path, 3, () => demo.LoseResponsesAsync(3, cancellation)),
            await StepAsync("the server's process stands still", TroublePlace.ServerApplication, 1, () => demo.StallServerAsync(cancellation)),
            await StepAsync("a client closes with the response unread", TroublePlace.ClientApplication, 2, () => demo.CloseUnreadAsync(2, cancellation)),
        };
        var table = new Table().Border(TableBorder.Simple).AddColumns("What was done", "Requests", "Seen from both ends", "Trouble found at", "As", "In words");
        foreach (var step in steps)
            table.AddRow([.. step.Cells().Select(Markup.Escape)]);
        Terminal.For(output).Write(table);
        if (await demo.ServerHost.ReadAsync(cancellation) is { } reading)
            await File.WriteAllTextAsync(Path.Combine(folder, "cluster.json"), ClusterJson.Write(reading), cancellation);
        var isAsExpected = steps.TrueForAll(step => step.IsAsExpected);
        await output.WriteLineAsync(isAsExpected ? "Each trouble was found where it was made." : "Not each was found where it was made: see above.");
        await output.WriteLineAsync($"In {folder}: client/, between/ and server/, each with its daemon's correlations.jsonl and journal.db; the server's reports what crossed hosts.");
        return isAsExpected;

        async Task<Step> StepAsync(string what, TroublePlace place, int count, Func<Task<(long, long)>> make)
        {
            var time = await make();
            return new Step(what, place, count, await demo.ReportedAsync(time, count, Patience, cancellation));
        }
    }

    /// <summary>What was done, and what was found of it.</summary>
    private sealed record Step(string What, TroublePlace Place, int Count, IReadOnlyList<Correlation> Found)
    {
        internal bool IsAsExpected => Found.Count == Count && Found.All(correlation => Place == TroublePlace.None
            ? correlation.Finding.Verdict == Verdict.Healthy && HasFourViews(correlation) : correlation.Place == Place);

        internal IEnumerable<string> Cells() =>
        [
            What,
            string.Create(CultureInfo.InvariantCulture, $"{Found.Count} of {Count}"),
            string.Create(CultureInfo.InvariantCulture, $"{Found.Count(correlation => correlation is { ClientExchange: not null, ServerExchange: not null })}"),
            Counts(correlation => CorrelationNames.Places[correlation.Place].Value),
            Counts(correlation => correlation.Finding.Cause is { } cause ? CorrelationNames.Causes[cause].Value : CorrelationNames.Verdicts[correlation.Finding.Verdict].Value),
            Found.Select(correlation => correlation.Finding.Reason).FirstOrDefault(reason => reason is not null) ?? "",
        ];

        private string Counts(Func<Correlation, string> name) => string.Join(", ", Found.GroupBy(name).OrderByDescending(group => group.Count())
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Count()}")));

        private static bool HasFourViews(Correlation correlation) =>
            correlation is { ClientRecord: not null, ServerRecord: not null, ClientExchange: not null, ServerExchange: not null };
    }
}
