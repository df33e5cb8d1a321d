using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks.Reports;

/// <summary>What a run of the suite found.</summary>
internal sealed class SuiteReport
{
    /// <summary>Where it ran.</summary>
    internal required Machine Machine { get; init; }

    /// <summary>Fewer and shorter runs.</summary>
    internal required bool IsQuick { get; init; }

    /// <summary>In the order of the benchmarks.</summary>
    internal List<Result> Results { get; } = [];

    /// <summary>Benchmarks that did not run, and why.</summary>
    internal List<(string Benchmark, string Reason)> Skipped { get; } = [];

    /// <summary>Benchmarks that broke off.</summary>
    internal List<(string Benchmark, string Reason)> Failures { get; } = [];

    /// <summary>How long each took.</summary>
    internal List<(string Benchmark, double Seconds)> Seconds { get; } = [];

    /// <summary>The load average of the last minute, when the run ended.</summary>
    internal double LoadAtEnd { get; set; }
}
