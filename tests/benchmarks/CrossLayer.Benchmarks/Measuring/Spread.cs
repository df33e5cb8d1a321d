namespace CrossLayer.Benchmarks.Measuring;

/// <summary>The median of some runs, and their range.</summary>
/// <param name="Median">Their median; of an even number, the mean of the two in the middle.</param>
/// <param name="Least">The least.</param>
/// <param name="Most">The most.</param>
/// <param name="Runs">How many there were.</param>
internal readonly record struct Spread(double Median, double Least, double Most, int Runs)
{
    internal static Spread Of(params IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1], sorted.Length);
    }
}
