using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Probe;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Host.Demo;

/// <summary>What a run of the demo saw and found.</summary>
/// <param name="Folder">Where its files are.</param>
/// <param name="JournalPath">The journal.</param>
/// <param name="Requests">Ordinary requests that were to be sent.</param>
/// <param name="ClientRecords">What the clients' applications reported.</param>
/// <param name="ServerRecords">What the server's application reported.</param>
/// <param name="Correlations">What the layers add up to.</param>
/// <param name="EventCounts">Kernel events by type.</param>
/// <param name="Counters">Kernel events made, read and lost.</param>
/// <param name="AppMetrics">Request records taken and turned away.</param>
/// <param name="StoppedEarly">The run was interrupted.</param>
internal sealed record DemoResult(
    string Folder, string JournalPath, int Requests, IReadOnlyList<RequestRecord> ClientRecords, IReadOnlyList<RequestRecord> ServerRecords,
    IReadOnlyList<Correlation> Correlations, IReadOnlyDictionary<KernelEventType, long> EventCounts, ProbeCounters Counters,
    AppMetricsStatus AppMetrics, bool StoppedEarly)
{
    /// <summary>The injected faults whose cause was not found.</summary>
    public IEnumerable<string> MissedFaults => DemoScenario.Faults
        .Where(fault => !Correlations.Any(c => c.RequestId == fault.Id && c.Finding.Cause == fault.Cause))
        .Select(fault => fault.What);

    /// <summary>Correlations of ordinary requests.</summary>
    public IReadOnlyList<Correlation> Ordinary => [.. Correlations.Where(c => c.RequestId.IsNumber)];

    /// <summary>Ordinary requests that were brought together with what the kernel saw at both ends.</summary>
    public int Matched => Ordinary.Count(c => c is { ClientExchange: not null, ServerExchange: not null, Match.Method: not MatchMethod.None });

    /// <summary>Correlations that call something discrepant that nobody injected.</summary>
    public int FalseDiscrepancies => Correlations.Count(c =>
        c.Finding.Verdict == Verdict.Discrepant && DemoScenario.Faults.All(fault => fault.Id != c.RequestId));

    /// <summary>Everything that was to be found was found, and nothing else.</summary>
    public bool IsAsExpected => !StoppedEarly && !MissedFaults.Any() && Matched == Requests && Ordinary.Count == Requests
        && FalseDiscrepancies == 0 && Counters.Lost == 0 && AppMetrics.Rejected == 0;
}
