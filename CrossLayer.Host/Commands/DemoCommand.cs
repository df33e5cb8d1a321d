using System.CommandLine;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Demo;
using CrossLayer.Host.Demo.Cluster;
using CrossLayer.Host.Lab;
using CrossLayer.Probe;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer demo</c>: the whole story in under a minute.</summary>
internal static class DemoCommand
{
    private const int MaxRequests = 100_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var requests = CommandOptions.Whole("--requests", "Ordinary requests; four faults come on top.", 50, 5, MaxRequests);
        var output = new Option<string>("--output")
        {
            Description = "The folder for the files.",
            HelpName = "folder",
            DefaultValueFactory = _ => "results/cross_layer",
        };
        var record = new Option<bool>("--record") { Description = "Record the pipeline's input into the journal, for crosslayer replay." };
        var keep = CommandOptions.KeepPrivileges();
        var cluster = new Option<bool>("--cluster") { Description = "Three hosts in one machine, each with a daemon: what only their two halves together show." };
        var command = new Command("demo", "Show the whole story: server, probe, load, four injected faults, and what each layer saw (needs root).")
        {
            requests, output, record, keep, cluster,
        };
        command.SetAction((parsed, cancellation) => parsed.GetValue(cluster)
            ? RunClusterAsync(parsed.GetRequiredValue(requests), parsed.GetRequiredValue(output), parsed.InvocationConfiguration.Output, cancellation)
            : RunAsync(
            parsed.GetRequiredValue(requests), parsed.GetRequiredValue(output), parsed.GetValue(record), parsed.GetValue(keep), parsed.InvocationConfiguration.Output, cancellation));
        return command;
    }

    private static async Task<int> RunClusterAsync(int requests, string folder, TextWriter output, CancellationToken cancellation)
    {
        if (LabTool.Missing() is { } missing)
            throw new ProbeUnavailableException(missing);
        return await ClusterDemoRun.RunAsync(requests, folder, output, cancellation) ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<int> RunAsync(int requests, string folder, bool record, bool keepPrivileges, TextWriter output, CancellationToken cancellation)
    {
        var options = DemoRun.ProbeOptions();
        await using var probe = keepPrivileges ? KernelProbe.Start(options) : KernelProbe.StartAndDropPrivileges(options);
        var journal = JournalSettings.From(DefaultConfiguration.Load());
        if (!Terminal.IsTerminal(output))
            await output.WriteLineAsync($"sending {requests} requests and four faults; files go to {folder}");
        await output.FlushAsync(CancellationToken.None);
        var result = Terminal.IsTerminal(output)
            ? await AnsiConsole.Progress().StartAsync(context =>
            {
                var bar = context.AddTask("sending requests");
                return DemoRun.RunAsync(probe, requests, folder, record, journal, (done, steps) => (bar.MaxValue, bar.Value) = (steps, done), cancellation);
            })
            : await DemoRun.RunAsync(probe, requests, folder, record, journal, (_, _) => { }, cancellation);

        var report = new DemoReport(result);
        report.Write(Terminal.For(output));
        await File.WriteAllTextAsync(Path.Combine(folder, "report.md"), report.ToMarkdown(), CancellationToken.None);
        return result.IsAsExpected ? ExitCode.Done : ExitCode.Failed;
    }
}
