using System.Diagnostics;
using System.Globalization;

namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>What this process takes of its host.</summary>
internal static class ProcessMetrics
{
    private static readonly string Version = typeof(ProcessMetrics).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <summary>Writes it.</summary>
    public static void Write(MetricsWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        using var process = Process.GetCurrentProcess();
        writer.Write(MetricCatalogue.ProcessCpu, process.TotalProcessorTime.TotalSeconds);
        writer.Write(MetricCatalogue.ProcessMemory, process.WorkingSet64);
        writer.Write(MetricCatalogue.ProcessStart, (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
        writer.Write(MetricCatalogue.ProcessFiles, Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        writer.Write(MetricCatalogue.ManagedHeap, GC.GetTotalMemory(forceFullCollection: false));
        writer.Begin(MetricCatalogue.Collections);
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            // The runtime counts a collection in each younger generation, too.
            var older = generation < GC.MaxGeneration ? GC.CollectionCount(generation + 1) : 0;
            writer.Sample(MetricCatalogue.Collections, GC.CollectionCount(generation) - older, generation.ToString(CultureInfo.InvariantCulture));
        }

        writer.Begin(MetricCatalogue.BuildInfo);
        writer.Sample(MetricCatalogue.BuildInfo, 1, Version);
    }
}
