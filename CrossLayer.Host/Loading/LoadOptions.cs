namespace CrossLayer.Host.Loading;

/// <summary>What a <see cref="LoadGenerator"/> sends.</summary>
internal sealed record LoadOptions
{
    /// <summary>What is requested; http only.</summary>
    public required Uri Url { get; init; }

    /// <summary>How many requests; at least 1.</summary>
    public int Requests { get; init; } = 100;

    /// <summary>From one start to the next, in milliseconds; longer where <see cref="Concurrency"/> holds a start back.</summary>
    public int IntervalMs { get; init; } = 200;

    /// <summary>Requests in flight at once, each on its own connection; at least 1.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>How long a request may take, connecting included, in milliseconds.</summary>
    public int TimeoutMs { get; init; } = 5000;

    /// <summary>The service that the records name; null for none.</summary>
    public string? Service { get; init; }
}
