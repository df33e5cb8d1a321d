using CrossLayer.Benchmarks.Measuring;

namespace CrossLayer.Benchmarks;

/// <summary>One question about speed, answered by alternating runs of the product and of what it is held against.</summary>
internal abstract class Benchmark
{
    /// <summary>Its name on the command line.</summary>
    internal abstract string Name { get; }

    /// <summary>What it asks, one line.</summary>
    internal abstract string Question { get; }

    /// <summary>Measures.</summary>
    /// <exception cref="SkippedException">Something that it needs is not here.</exception>
    internal abstract Task<IReadOnlyList<Result>> RunAsync(BenchmarkContext context);
}

/// <summary>What a benchmark needs is not on this machine; the message names it, and how to get it.</summary>
internal sealed class SkippedException(string message) : Exception(message);
