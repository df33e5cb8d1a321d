using CrossLayer.Actors.Kernel;

namespace CrossLayer.Host.Outputs.Health;

/// <summary>What is known of the daemon at one moment.</summary>
/// <param name="Now">That moment.</param>
/// <param name="NowNs">The same, CLOCK_MONOTONIC nanoseconds.</param>
/// <param name="Started">When the daemon's outputs started.</param>
/// <param name="Heartbeat">When the graph last gave a batch; it gives one even when there is no traffic. Null: never.</param>
/// <param name="ActorsAlive">The actor system has not ended.</param>
/// <param name="Probe">How the probe is doing; null where its actor did not answer in time.</param>
/// <param name="ProbeUp">Since when there is kernel evidence.</param>
/// <param name="Journal">How the journal is doing.</param>
/// <param name="Sources">Each configured source.</param>
internal sealed record HealthSnapshot(
    DateTimeOffset Now, long NowNs, DateTimeOffset Started, DateTimeOffset? Heartbeat, bool ActorsAlive, ProbeStatus? Probe, DateTimeOffset ProbeUp,
    JournalReading Journal, IReadOnlyList<ComponentState> Sources);
