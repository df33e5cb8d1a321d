namespace CrossLayer.Probe;

/// <summary>What a probe costs the host, and how full its ring is.</summary>
/// <param name="RunTimeNs">Time that its programs took in the kernel while statistics were on (sysctl <c>kernel.bpf_stats_enabled</c>); they only grow.</param>
/// <param name="Runs">Runs of its programs in that time.</param>
/// <param name="RingUsedBytes">Bytes in the ring that are not given back yet.</param>
/// <param name="RingBytes">The ring's size.</param>
public readonly record struct ProbeCost(ulong RunTimeNs, ulong Runs, ulong RingUsedBytes, ulong RingBytes);
