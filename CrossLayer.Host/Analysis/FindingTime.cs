using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Analysis;

/// <summary>When the live pipeline would have come out with a correlation: never before all that it rests on was known.</summary>
/// <param name="clock">The episode's.</param>
/// <param name="settings">Those that it was correlated with.</param>
internal sealed class FindingTime(EpisodeClock clock, CorrelationSettings settings)
{
    private readonly ExchangeTimes _waits = settings.ExchangeTimes;
    private readonly long _disorderNs = (long)settings.Disorder.TotalNanoseconds;
    private readonly long _dueNs = (long)(settings.Settle + settings.Lateness).TotalNanoseconds;

    /// <summary>Nanoseconds since the Unix epoch; 0 where neither kernel nor application tells a time.</summary>
    /// <remarks>
    /// The latest of: the closing of its window; that of waiting for what may still come of its exchanges, which the window's closing
    /// is dated before, and which the end of a recording cuts short; the watermark's distance from the present; and the records' ends,
    /// since a stored record is known to the graph from its start and a live one is not.
    /// </remarks>
    public long UnixNsOf(Correlation correlation)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        // A window without a time of its own closes at the end of all input.
        var closed = correlation.ClosedAtNs < long.MaxValue ? correlation.ClosedAtNs : clock.LastNs + _dueNs;
        var known = Math.Max(closed, Math.Max(SettledNs(correlation.ClientExchange), SettledNs(correlation.ServerExchange)));
        var reported = Math.Max(correlation.ClientRecord?.EndUnixNs ?? 0, correlation.ServerRecord?.EndUnixNs ?? 0);
        return Math.Max(reported, clock.ToUnixNs(known + _disorderNs) ?? 0);
    }

    /// <summary>When nothing more was to be expected of an exchange (as the pipeline waits, <see cref="ExchangeTimes"/>).</summary>
    private long SettledNs(Exchange? exchange) => exchange switch
    {
        null => long.MinValue,
        { ClosedNs: { } closed } => closed,
        // Its own reset ended it.
        { ResetSentNs: { } reset } when reset == exchange.LastNs => reset,
        { ConnectError: not null } => exchange.LastNs,
        { Response.Length: 0 } => exchange.LastNs + _waits.PatienceNs,
        { UnackedBytes: 0 } => exchange.LastNs + _waits.SettleNs,
        { Retransmits: > 0 } => exchange.LastNs + _waits.UnackedNs,
        _ => exchange.LastNs + _waits.PatienceNs,
    };
}
