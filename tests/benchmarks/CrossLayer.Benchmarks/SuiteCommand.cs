using System.CommandLine;
using CrossLayer.Benchmarks.Reports;

namespace CrossLayer.Benchmarks;

/// <summary>The command line.</summary>
internal static class SuiteCommand
{
    private const int Done = 0;
    private const int Cancelled = 130;

    internal static RootCommand Create()
    {
        var only = new Option<string[]>("--only") { Description = "Only this benchmark; several times for several.", DefaultValueFactory = _ => [] };
        only.AcceptOnlyFromAmong([.. Suite.All.Select(benchmark => benchmark.Name)]);
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter runs: to see that all works, not for figures." };
        var list = new Option<bool>("--list") { Description = "Name the benchmarks and end." };
        var json = new Option<FileInfo?>("--json") { Description = "Write the results to this file, too." };
        var command = new RootCommand("Measures CrossLayer against references that are built and run beside it; results are ratios.") { only, quick, list, json };
        command.HelpName = "scripts/benchmark.sh";
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(list))
            {
                foreach (var benchmark in Suite.All)
                    await Console.Out.WriteLineAsync($"{benchmark.Name,-14}{benchmark.Question}");
                return Done;
            }

            var names = parsed.GetRequiredValue(only);
            try
            {
                var report = await Suite.RunAsync([.. Suite.All.Where(benchmark => names.Length == 0 || names.Contains(benchmark.Name))],
                    parsed.GetValue(quick), cancellation);
                TableReport.Write(report, Console.Out);
                if (parsed.GetValue(json) is { } file)
                    JsonReport.Write(report, file);
                return report.Failures.Count == 0 ? Done : 1;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync("stopped");
                return Cancelled;
            }
        });
        return command;
    }
}
