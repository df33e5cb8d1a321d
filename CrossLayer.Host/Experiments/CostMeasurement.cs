using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Experiments;

/// <summary>What traffic takes, with the probe or without it: a line of <see cref="ExperimentFolder.Costs"/>.</summary>
internal sealed record CostMeasurement
{
    /// <summary>Measurements of a pair follow one another and are compared with each other alone.</summary>
    public required int Pair { get; init; }

    /// <summary>The probe was attached, and what it saw was read and kept in memory.</summary>
    public required bool Probe { get; init; }

    /// <summary><c>paced</c>: users think between requests; <c>saturated</c>: they do not. Responses are small: most events for their bytes.</summary>
    public required string Load { get; init; }

    /// <summary>Requests that were answered.</summary>
    public required int Requests { get; init; }

    /// <summary>How long it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor time that the client's and the server's process took, in seconds.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Median latency.</summary>
    public required double P50Ms { get; init; }

    /// <summary>Latency that one of 100 exceeds.</summary>
    public required double P99Ms { get; init; }

    /// <summary>As a line of JSON.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, CostJson.Default.CostMeasurement);

    /// <summary>Measures.</summary>
    public static async Task<CostMeasurement> OfAsync(LabSession session, int pair, bool probe, bool saturated, int seed, CancellationToken cancellation)
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

/// <summary>Measurements in JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CostMeasurement))]
internal sealed partial class CostJson : JsonSerializerContext;
