using System.Diagnostics;

namespace CrossLayer.Benchmarks;

/// <summary>What a run of the suite gives to its benchmarks.</summary>
/// <param name="Root">The checkout.</param>
/// <param name="Work">A folder of the run's own, deleted at its end.</param>
/// <param name="IsQuick">Fewer and shorter runs: to see that all works, not for figures.</param>
/// <param name="Cancellation">Breaks the run off.</param>
internal sealed record BenchmarkContext(string Root, string Work, bool IsQuick, CancellationToken Cancellation)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>One of two sizes.</summary>
    internal int Pick(int full, int quick) => IsQuick ? quick : full;

    /// <summary>A line of progress on standard error.</summary>
    internal void Say(string what) => Console.Error.WriteLine(FormattableString.Invariant($"[{_clock.Elapsed.TotalSeconds,5:0}s]   {what}"));

    /// <summary>A path in the run's folder.</summary>
    internal string Path(string name) => System.IO.Path.Combine(Work, name);

    /// <summary>The program's assembly, built with this suite.</summary>
    internal static string Program => System.IO.Path.Combine(AppContext.BaseDirectory, "CrossLayer.Host.dll");
}
