using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Journal;

/// <summary>What became of the requests that were decided in an interval, by service and route.</summary>
/// <param name="StartUnixNs">When it began, in nanoseconds since the Unix epoch: a whole number of intervals.</param>
/// <param name="EndUnixNs">When it ended; earlier than its length says where the program did.</param>
/// <param name="Routes">In the order in which they first came; one called <see cref="Other"/> stands for all beyond the limit.</param>
/// <param name="LostEvents">Kernel events lost meanwhile.</param>
/// <param name="OverflowRequests">Requests counted under <see cref="Other"/> because there were too many routes.</param>
public sealed record IntervalSummary(
    long StartUnixNs, long EndUnixNs, IReadOnlyList<RouteSummary> Routes, long LostEvents, long OverflowRequests)
{
    /// <summary>The tag all these events carry in the journal.</summary>
    public const string Tag = "summary";

    /// <summary>The name of service and route for all that is beyond the limit.</summary>
    public const string Other = "other";
}

/// <summary>Requests of one route in an interval.</summary>
/// <param name="Service">As the records name it; "" where they do not.</param>
/// <param name="Route">As the records name it; "" where they do not.</param>
/// <param name="Healthy">Requests by verdict.</param>
/// <param name="Discrepant">Requests by verdict.</param>
/// <param name="Inconclusive">Requests by verdict.</param>
/// <param name="Causes">The discrepant ones by cause.</param>
/// <param name="Latency">As the applications reported it; null where none did.</param>
public sealed record RouteSummary(
    string Service, string Route, long Healthy, long Discrepant, long Inconclusive, IReadOnlyDictionary<Cause, long> Causes, LatencySummary? Latency)
{
    /// <summary>All of them.</summary>
    public long Requests => Healthy + Discrepant + Inconclusive;
}

/// <summary>Percentiles in milliseconds, to two significant digits; the greatest is exact to them, too.</summary>
public sealed record LatencySummary(double P50Ms, double P90Ms, double P99Ms, double MaxMs);

/// <summary>A summary as it stands in the journal.</summary>
/// <param name="Offset">Its place in the journal.</param>
/// <param name="Writer">Who wrote it.</param>
/// <param name="Summary">It.</param>
public sealed record StoredSummary(long Offset, string Writer, IntervalSummary Summary);
