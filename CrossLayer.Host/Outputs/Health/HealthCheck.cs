namespace CrossLayer.Host.Outputs.Health;

/// <summary>One question about the daemon, answered.</summary>
/// <param name="Name">What was asked.</param>
/// <param name="Ok">The answer is yes.</param>
/// <param name="Reason">Why it is no, in one line; null for yes.</param>
/// <param name="Since">Since when that is the answer.</param>
internal sealed record HealthCheck(string Name, bool Ok, string? Reason, DateTimeOffset Since);
