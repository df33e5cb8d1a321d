namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>Counts of values by upper bound, with their sum. Plain state.</summary>
/// <param name="bounds">The upper bounds, growing; beyond the last there is one more count.</param>
internal sealed class BucketCounts(IReadOnlyList<double> bounds)
{
    private readonly long[] _counts = new long[bounds.Count + 1];

    /// <summary>The upper bounds.</summary>
    public IReadOnlyList<double> Bounds => bounds;

    /// <summary>Values up to each bound and beyond the one before, the last: beyond all bounds.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>The sum of all values.</summary>
    public double Sum { get; private set; }

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        var i = 0;
        while (i < bounds.Count && value > bounds[i])
            i++;
        _counts[i]++;
        Sum += value;
    }
}
