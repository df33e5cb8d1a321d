namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>One line of a page of metrics.</summary>
/// <param name="Name">The metric's name; of a histogram with <c>_bucket</c>, <c>_sum</c> or <c>_count</c>.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value.</param>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
