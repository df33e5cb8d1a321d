namespace CrossLayer.Host.Analysis.Statistics;

/// <summary>A 95 % interval.</summary>
/// <param name="Low">Its lower bound.</param>
/// <param name="High">Its upper bound.</param>
internal readonly record struct Interval(double Low, double High);
