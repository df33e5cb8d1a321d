namespace CrossLayer.Host.Outputs;

/// <summary>What became of the correlations that were handed to one output.</summary>
/// <param name="Output">Its name: <c>stream</c>, <c>jsonl</c>, <c>otlp</c>.</param>
/// <param name="Delivered">Written, or sent and acknowledged.</param>
/// <param name="Dropped">Lost, because the output or its reader was behind or away.</param>
/// <param name="Retries">Deliveries that failed and were tried again.</param>
/// <param name="Waiting">Waiting now.</param>
internal readonly record struct OutputReading(string Output, long Delivered, long Dropped, long Retries, long Waiting);
