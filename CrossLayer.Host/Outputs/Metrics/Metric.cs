namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>One metric, as <see cref="MetricCatalogue"/> lists it.</summary>
/// <param name="Name">Its name, with its base unit.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Help">One sentence for a person.</param>
/// <param name="Labels">The names of its labels, in the order of their values.</param>
internal sealed record Metric(string Name, MetricKind Kind, string Help, params IReadOnlyList<string> Labels);
