using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis.Summaries;

/// <summary>What applications reported and the kernel saw of some traffic.</summary>
/// <param name="Name">Of which: a kind of episodes, <c>baseline</c> for traffic without the probe, or <c>recording</c>.</param>
/// <param name="Episodes">How many episodes.</param>
/// <param name="Application">What applications reported.</param>
/// <param name="Kernel">What the kernel saw; null where it was not watched.</param>
/// <param name="Verdicts">What both add up to; null where that is not known.</param>
internal sealed record MetricsSummary(string Name, int Episodes, ApplicationMetrics Application, KernelMetrics? Kernel, VerdictCounts? Verdicts);

/// <summary>What applications reported.</summary>
/// <param name="Requests">Requests.</param>
/// <param name="LatencyMs">Their latency; null without requests.</param>
/// <param name="SuccessRate">Requests with result <c>success</c>.</param>
/// <param name="ErrorRate">All others.</param>
/// <param name="Seconds">From the start of the first to the end of the last request, of all episodes.</param>
/// <param name="RequestsPerSecond">Throughput; null where records have no times.</param>
internal sealed record ApplicationMetrics(
    long Requests, Quantiles? LatencyMs, Share SuccessRate, Share ErrorRate, double Seconds, double? RequestsPerSecond);

/// <summary>What the kernel saw.</summary>
/// <param name="Events">Kernel events.</param>
/// <param name="EventsPerRequest">By request that was reported; null without requests.</param>
/// <param name="Connections">Connections of which a socket was seen.</param>
/// <param name="BytesSent">Bytes that sockets took from applications; where both ends are seen, those of both.</param>
/// <param name="BytesReceived">Bytes that applications took from sockets.</param>
/// <param name="SocketLifetimeMs">From a socket's first event to its close; null where none closed.</param>
/// <param name="Retransmits">Segments sent again, SYN-ACKs included.</param>
/// <param name="Resets">Resets sent and received.</param>
internal sealed record KernelMetrics(
    long Events, double? EventsPerRequest, long Connections, long BytesSent, long BytesReceived, Quantiles? SocketLifetimeMs, long Retransmits, long Resets);

/// <summary>Quantiles of a sample, interpolated (type 7 of Hyndman and Fan, Am. Stat. 50, 1996: the default of numpy and pandas).</summary>
/// <param name="P50">The median.</param>
/// <param name="P95">The 95th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="Count">How many values.</param>
internal sealed record Quantiles(double P50, double P95, double P99, int Count);

/// <summary>Correlations by verdict and cause.</summary>
/// <param name="Correlations">All.</param>
/// <param name="Healthy">Both layers say that all went well.</param>
/// <param name="Discrepant">The layers disagree, or both show a fault.</param>
/// <param name="Inconclusive">Evidence is missing.</param>
/// <param name="Matched">Correlations in which a record stands with an exchange, or an exchange with another.</param>
/// <param name="Causes">How often each cause was named.</param>
internal sealed record VerdictCounts(
    long Correlations, long Healthy, long Discrepant, long Inconclusive, Share Matched, IReadOnlyDictionary<string, int> Causes)
{
    /// <summary>The counts of a summary of correlations.</summary>
    public static VerdictCounts Of(CorrelationSummary summary) => new(
        summary.Correlations,
        summary[Verdict.Healthy],
        summary[Verdict.Discrepant],
        summary[Verdict.Inconclusive],
        Share.OfTrials(summary.Correlations - summary[MatchMethod.None], summary.Correlations),
        Enum.GetValues<Cause>().Where(cause => summary[cause] > 0).ToDictionary(cause => CorrelationNames.Causes[cause].Value, cause => summary[cause]));
}
