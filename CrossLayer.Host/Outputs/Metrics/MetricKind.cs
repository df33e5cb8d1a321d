namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>What a metric is to Prometheus.</summary>
internal enum MetricKind
{
    /// <summary>It only grows; its name ends with <c>_total</c>.</summary>
    Counter,

    /// <summary>It is what it is now.</summary>
    Gauge,

    /// <summary>Counts by upper bound, with their sum.</summary>
    Histogram,
}
