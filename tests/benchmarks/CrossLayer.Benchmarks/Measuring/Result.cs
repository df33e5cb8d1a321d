namespace CrossLayer.Benchmarks.Measuring;

/// <summary>One line of the table.</summary>
internal sealed record Result
{
    /// <summary>The benchmark that it is of.</summary>
    internal required string Benchmark { get; init; }

    /// <summary>What was measured.</summary>
    internal required string Subject { get; init; }

    /// <summary>What it is held against; null where the figure stands alone.</summary>
    internal string? Reference { get; init; }

    /// <summary>What was measured of it, with its unit.</summary>
    internal required string Measure { get; init; }

    /// <summary>The subject's figures.</summary>
    internal required Spread Values { get; init; }

    /// <summary>The reference's.</summary>
    internal Spread? ReferenceValues { get; init; }

    /// <summary>The subject's by the reference's, round by round.</summary>
    internal Spread? Ratio { get; init; }

    /// <summary>What the ratio, or the figure that stands alone, is to be.</summary>
    internal Target? Target { get; init; }

    /// <summary>What the reader has to know of it.</summary>
    internal string? Note { get; init; }

    /// <summary>Whether the target is met, by the median; null without a target.</summary>
    internal bool? IsMet => Target?.IsMetBy((Ratio ?? Values).Median);
}

/// <summary>A bound.</summary>
/// <param name="Bound">The bound itself is within.</param>
/// <param name="IsLeast">True for a lower bound.</param>
internal sealed record Target(double Bound, bool IsLeast)
{
    internal static Target AtLeast(double bound) => new(bound, IsLeast: true);

    internal static Target AtMost(double bound) => new(bound, IsLeast: false);

    internal bool IsMetBy(double value) => IsLeast ? value >= Bound : value <= Bound;

    public override string ToString() => FormattableString.Invariant($"{(IsLeast ? ">=" : "<=")} {Bound}");
}
