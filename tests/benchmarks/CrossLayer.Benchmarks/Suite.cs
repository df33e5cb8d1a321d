using System.Diagnostics;
using CrossLayer.Benchmarks.Growth;
using CrossLayer.Benchmarks.Journal;
using CrossLayer.Benchmarks.Nginx;
using CrossLayer.Benchmarks.Offline;
using CrossLayer.Benchmarks.Pipeline;
using CrossLayer.Benchmarks.Reports;
using CrossLayer.Benchmarks.Ring;
using CrossLayer.Benchmarks.Startup;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace CrossLayer.Benchmarks;

/// <summary>All benchmarks, in the order in which they run.</summary>
internal static class Suite
{
    internal static IReadOnlyList<Benchmark> All { get; } =
    [
        new ProbeBenchmark(),
        new DrainBenchmark(),
        new PipelineBenchmark(),
        new LiveBenchmark(),
        new ActorsBenchmark(),
        new AllocationsBenchmark(),
        new LatencyBenchmark(),
        new JournalBenchmark(),
        new ReadingBenchmark(),
        new OfflineBenchmark(),
        new StartupBenchmark(),
        new PipelineGrowthBenchmark(),
        new JournalGrowthBenchmark(),
    ];

    internal static async Task<SuiteReport> RunAsync(IReadOnlyList<Benchmark> benchmarks, bool isQuick, CancellationToken cancellation)
    {
        var work = Directory.CreateTempSubdirectory("crosslayer-benchmarks-");
        var report = new SuiteReport { Machine = Machine.Now(), IsQuick = isQuick };
        try
        {
            // nginx's worker reads its files as another user.
            File.SetUnixFileMode(work.FullName, (UnixFileMode)0b111_101_101);
            foreach (var benchmark in benchmarks)
                await RunAsync(benchmark, new BenchmarkContext(Machine.Root, work.FullName, isQuick, cancellation), report);
        }
        finally
        {
            work.Delete(recursive: true);
        }

        report.LoadAtEnd = Machine.LoadAverage();
        return report;
    }

    private static async Task RunAsync(Benchmark benchmark, BenchmarkContext context, SuiteReport report)
    {
        await Console.Error.WriteLineAsync($"{benchmark.Name}: {benchmark.Question}");
        var clock = Stopwatch.StartNew();
        try
        {
            report.Results.AddRange(await benchmark.RunAsync(context));
        }
        catch (SkippedException reason)
        {
            report.Skipped.Add((benchmark.Name, reason.Message));
            await Console.Error.WriteLineAsync($"  skipped: {reason.Message}");
        }
#pragma warning disable CA1031 // one benchmark that fails is reported, and the others still run
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            report.Failures.Add((benchmark.Name, failure.Message));
            await Console.Error.WriteLineAsync($"  failed: {failure}");
        }

        report.Seconds.Add((benchmark.Name, clock.Elapsed.TotalSeconds));
    }
}
