using CrossLayer.Actors.Correlations;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// The requests that a replay is to give: those that began in a span of wall time. The input that is read begins before it and ends
/// after it, so that a request is judged by what surrounds it; a connection that was opened still earlier counts as older than the recording.
/// </summary>
/// <param name="FromUnixNs">Nanoseconds since the Unix epoch; null for the recording's start.</param>
/// <param name="UntilUnixNs">Nanoseconds since the Unix epoch, exclusive; null for its end.</param>
public sealed record ReplaySpan(long? FromUnixNs, long? UntilUnixNs)
{
    /// <summary>All of a recording.</summary>
    public static ReplaySpan All { get; } = new(null, null);

    /// <summary>True for a time within it, or one that is not known.</summary>
    public bool Contains(long? unixNs) => unixNs is not { } ns || ((FromUnixNs is not { } from || ns >= from) && (UntilUnixNs is not { } until || ns < until));

    /// <summary>When a correlation's request began, in nanoseconds since the Unix epoch; null where nothing tells.</summary>
    public static long? BeganUnixNs(Correlation correlation, ClockHistory? clock)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        return correlation.StartUnixNs
            ?? ((correlation.ClientExchange ?? correlation.ServerExchange)?.FirstNs is { } firstNs ? clock?.ToUnixNs(firstNs) : null);
    }

    internal IReadOnlyList<Correlation> Of(IReadOnlyList<Correlation> correlations, ClockHistory? clock) =>
        this == All ? correlations : [.. correlations.Where(one => Contains(BeganUnixNs(one, clock)))];

    internal long? InputFrom(CorrelationSettings settings) => FromUnixNs - (2 * (long)settings.Patience.TotalNanoseconds);

    internal long? InputUntil(CorrelationSettings settings) => UntilUnixNs + (2 * (long)(settings.Patience + settings.Lateness).TotalNanoseconds);
}
