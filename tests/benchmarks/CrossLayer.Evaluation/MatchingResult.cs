using CrossLayer.Evaluation.Records;
using CrossLayer.Evaluation.Scoring;
using CrossLayer.Evaluation.Traffic;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Evaluation;

/// <summary>One run of the pipeline over one workload with one variant of records.</summary>
/// <param name="Duration">How long the pipeline took.</param>
internal sealed record MatchingRow(Workload Workload, Variant Variant, Scorecard Score, TimeSpan Duration)
{
    /// <summary>What it must reach.</summary>
    internal Target Target { get; } = Target.Of(Workload, Variant);
}

/// <summary>One workload as it went.</summary>
/// <param name="Counters">What became of the kernel events.</param>
/// <param name="RefusedPorts">Ports that were still taken and tried again.</param>
/// <param name="Traffic">How long the requests took; with a live pipeline, held up by it.</param>
/// <param name="Total">How long the workload took with all its variants.</param>
internal sealed record WorkloadRun(Workload Workload, ProbeCounters Counters, int RefusedPorts, TimeSpan Traffic, TimeSpan Total)
{
    /// <summary>True if every kernel event was read: only then does the result say something of matching.</summary>
    internal bool IsWhole => Counters.Lost == 0 && Counters.Made == Counters.Read;
}

/// <summary>The whole evaluation.</summary>
internal sealed class MatchingResult
{
    /// <summary>The workloads, in order.</summary>
    internal List<WorkloadRun> Runs { get; } = [];

    /// <summary>A row for each workload and variant.</summary>
    internal List<MatchingRow> Rows { get; } = [];

    /// <summary>Over all rows.</summary>
    internal Calibration Calibration { get; } = new();

    /// <summary>What was missed, a line each; empty if all targets are met.</summary>
    internal IReadOnlyList<string> Missed =>
    [
        .. Runs.Where(run => !run.IsWhole).Select(run =>
            $"{run.Workload.Name}: {run.Counters.Lost} kernel events lost, {run.Counters.Made} made, {run.Counters.Read} read"),
        .. Rows.Where(row => !row.Target.IsMet(row.Score)).Select(Describe),
    ];

    private static string Describe(MatchingRow row)
    {
        var match = row.Target.Match is { } least ? $", at least {least:0.0%} wanted" : "";
        return $"{row.Workload.Name}, {Names.Of(row.Variant)}: {Names.Share(row.Score[Outcome.Right], row.Score.Reported)} right{match}; "
            + $"{Names.Share(row.Score[Outcome.Wrong], row.Score.Reported)} wrong, at most {row.Target.Wrong:0.0%} wanted"
            + (row.Score.Repeated > 0 ? $"; {row.Score.Repeated} records in more than one correlation" : "")
            + (row.Score.Failure is { } failure ? $"; broke off: {failure}" : "");
    }
}
