using Akka.Actor;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Actors.Kernel;

/// <summary>Asks for <see cref="ProbeStatus"/>.</summary>
public sealed record GetProbeStatus;

/// <summary>Detach, pass on what is left, complete the output; answered by the final <see cref="ProbeStatus"/>.</summary>
public sealed record StopProbe;

/// <summary>Change what is watched and how it is told; where that is so already, nothing happens.</summary>
public sealed record ChangeProbe(ProbeFilter Filter, ProbeMode Mode) : INoSerializationVerificationNeeded;

/// <summary>How the kernel's side is doing.</summary>
/// <param name="Outage">Since when there is no kernel evidence, and why; null if there is.</param>
/// <param name="Hooks">Each hook, and why the missing ones are missing; the last probe's.</param>
/// <param name="Counters">Events made, read and lost, over all probes so far: they only grow.</param>
/// <param name="Clock">Monotonic time against wall time; the same history for as long as the pipeline lives.</param>
public sealed record ProbeStatus(
    ProbeOutage? Outage, IReadOnlyList<HookStatus> Hooks, ProbeCounters Counters, ClockHistory Clock) : INoSerializationVerificationNeeded
{
    /// <summary>Exchanges are told of in summaries now.</summary>
    public bool Summarises { get; init; }

    /// <summary>Why there is no kernel evidence; null if there is.</summary>
    public string? Unavailable => Outage?.Reason;
}

/// <summary>A time without kernel evidence.</summary>
/// <param name="Reason">Why, as the last attempt found.</param>
/// <param name="SinceNs">Its start, CLOCK_MONOTONIC nanoseconds.</param>
/// <param name="Attempts">How often a probe was tried in vain since then.</param>
public sealed record ProbeOutage(string Reason, long SinceNs, int Attempts);
