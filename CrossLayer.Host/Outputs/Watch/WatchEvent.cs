using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Outputs.Watch;

/// <summary>Something that a watcher shows.</summary>
/// <param name="At">When it was learnt.</param>
internal abstract record WatchEvent(DateTimeOffset At);

/// <summary>How the daemon is doing.</summary>
internal sealed record FiguresRead(DateTimeOffset At, WatchFigures Figures) : WatchEvent(At);

/// <summary>A discrepancy was found.</summary>
/// <param name="Json">As the daemon sent it.</param>
internal sealed record DiscrepancySeen(DateTimeOffset At, Correlation Correlation, string Json) : WatchEvent(At);

/// <summary>Discrepancies were missed.</summary>
/// <param name="Missed">How many; null where nobody knows.</param>
internal sealed record DiscrepanciesMissed(DateTimeOffset At, long? Missed) : WatchEvent(At);

/// <summary>The daemon does not answer; it is asked again.</summary>
internal sealed record DaemonAway(DateTimeOffset At, string Reason) : WatchEvent(At);

/// <summary>The daemon answers, for the first time or again.</summary>
internal sealed record DaemonBack(DateTimeOffset At) : WatchEvent(At);
