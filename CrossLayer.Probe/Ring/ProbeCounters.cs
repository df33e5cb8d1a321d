namespace CrossLayer.Probe.Ring;

/// <summary>What became of the kernel events; once the probe has stopped, <c>Made = Read + Lost</c> exactly.</summary>
/// <param name="Made">Events that the kernel side made.</param>
/// <param name="Read">Events that were read.</param>
/// <param name="Lost">Events for which the ring had no room.</param>
/// <param name="Missed">Runs that the kernel skipped because it was inside the same program already: each may have been an event.</param>
public readonly record struct ProbeCounters(ulong Made, ulong Read, ulong Lost, ulong Missed = 0);
