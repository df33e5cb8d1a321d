namespace CrossLayer.Actors.Journal.Mapping;

/// <summary>A summary to and from its stored form.</summary>
internal static class SummaryMapping
{
    public static Wire.IntervalSummary ToWire(this IntervalSummary summary)
    {
        var wire = new Wire.IntervalSummary
        {
            StartUnixNs = summary.StartUnixNs,
            EndUnixNs = summary.EndUnixNs,
            LostEvents = summary.LostEvents,
            OverflowRequests = summary.OverflowRequests,
        };
        wire.Routes.AddRange(summary.Routes.Select(ToWire));
        return wire;
    }

    public static IntervalSummary FromWire(this Wire.IntervalSummary wire) =>
        new(wire.StartUnixNs, wire.EndUnixNs, [.. wire.Routes.Select(FromWire)], wire.LostEvents, wire.OverflowRequests);

    private static Wire.RouteSummary ToWire(RouteSummary route)
    {
        var wire = new Wire.RouteSummary
        {
            Service = route.Service,
            Route = route.Route,
            Healthy = route.Healthy,
            Discrepant = route.Discrepant,
            Inconclusive = route.Inconclusive,
            Latency = route.Latency is { } latency
                ? new Wire.LatencySummary { P50Ms = latency.P50Ms, P90Ms = latency.P90Ms, P99Ms = latency.P99Ms, MaxMs = latency.MaxMs }
                : null,
        };
        wire.Causes.AddRange(route.Causes.OrderBy(cause => cause.Key).Select(cause => new Wire.CauseCount { Cause = cause.Key.ToWire(), Count = cause.Value }));
        return wire;
    }

    private static RouteSummary FromWire(Wire.RouteSummary wire) => new(
        wire.Service, wire.Route, wire.Healthy, wire.Discrepant, wire.Inconclusive,
        wire.Causes.GroupBy(cause => cause.Cause.FromWire()).ToDictionary(cause => cause.Key, Sum),
        wire.Latency is { } latency ? new LatencySummary(latency.P50Ms, latency.P90Ms, latency.P99Ms, latency.MaxMs) : null);

    private static long Sum(IEnumerable<Wire.CauseCount> counts)
    {
        var sum = counts.Aggregate(Int128.Zero, (sum, one) => sum + one.Count);
        return sum >= long.MinValue && sum <= long.MaxValue
            ? (long)sum
            : throw new JournalFormatException($"A cause was counted {sum} times: the event is damaged.");
    }
}
