using System.Diagnostics;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Experiments;

/// <summary>Measures what traffic takes, with the probe or without it. Responses are small: most events for their bytes.</summary>
internal static class CostMeter
{
    /// <summary>Measures.</summary>
    public static async Task<CostMeasurement> MeasureAsync(LabSession session, int pair, bool probe, bool saturated, int seed, CancellationToken cancellation)
    {
        var users = Enumerable.Repeat(new UserKind(true, saturated ? TimeSpan.Zero : TimeSpan.FromMilliseconds(30), AsksForLittle: true), 8).ToList();
        using var server = Process.GetProcessById(session.Server.Process.Id);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        session.Oracle.Take();
        var cpu = Cpu(server);
        var started = Stopwatch.GetTimestamp();
        end.CancelAfter(TimeSpan.FromSeconds(1.5));
        await session.Client.RunAsync(users, new Random(seed), end.Token);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        cancellation.ThrowIfCancellationRequested();
        var spent = (Cpu(server) - cpu).TotalSeconds;
        var latencies = session.Oracle.Take().Where(sent => sent.Outcome == Outcome.Right).Select(sent => sent.Record.LatencyMs).Order().ToArray();
        return new CostMeasurement
        {
            Pair = pair,
            Probe = probe,
            Load = saturated ? "saturated" : "paced",
            Requests = latencies.Length,
            Seconds = seconds,
            CpuSeconds = spent,
            P50Ms = Quantile(latencies, 0.5),
            P99Ms = Quantile(latencies, 0.99),
        };
    }

    private static TimeSpan Cpu(Process server)
    {
        server.Refresh();
        using var own = Process.GetCurrentProcess();
        return own.TotalProcessorTime + server.TotalProcessorTime;
    }

    private static double Quantile(double[] sorted, double share) => sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
}
