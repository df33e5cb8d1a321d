using System.Globalization;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Evaluation.Traffic;

namespace CrossLayer.Evaluation.Scoring;

/// <summary>Counts what became of the records of one run. A record that no correlation holds counts as one without a match.</summary>
/// <param name="requests">What the requests were, by number.</param>
/// <param name="calibration">Takes each match in.</param>
/// <param name="detail">Sees each record that is not right.</param>
internal sealed class Scorecard(
    IReadOnlyList<RequestFacts> requests, Calibration calibration, Action<Outcome, RequestFacts, RequestRecord, Correlation>? detail = null)
{
    private readonly long[] _counts = new long[Enum.GetValues<Outcome>().Length];
    private readonly HashSet<(int Number, RequestRole Role)> _seen = [];

    /// <summary>Records whose exchange begins with their own first byte and is wrong all the same.</summary>
    internal long Misassembled { get; private set; }

    /// <summary>Records in more than one correlation; never right.</summary>
    internal long Repeated { get; private set; }

    /// <summary>How many records there were.</summary>
    internal long Reported { get; set; }

    /// <summary>Why the run broke off; null if it did not. The records it left behind count as ones without a match.</summary>
    internal string? Failure { get; set; }

    /// <summary>Records with an outcome.</summary>
    internal long this[Outcome outcome] => outcome == Outcome.None ? _counts[(int)outcome] + Reported - _seen.Count : _counts[(int)outcome];

    /// <summary>What the pipeline itself counted.</summary>
    internal PipelineCounters Counters { get; private set; }

    /// <summary>Counts the records of a batch's correlations.</summary>
    internal void Add(CorrelationBatch batch)
    {
        Counters = batch.Counters;
        foreach (var correlation in batch.Correlations)
        {
            Add(correlation, correlation.ClientRecord);
            Add(correlation, correlation.ServerRecord);
        }
    }

    private void Add(Correlation correlation, RequestRecord? record)
    {
        if (record is null)
            return;
        var number = int.Parse(record.RequestId.Text, CultureInfo.InvariantCulture);
        if (!_seen.Add((number, record.Role)))
        {
            Repeated++;
            return;
        }

        var outcome = Truth.Score(correlation, requests[number]);
        _counts[(int)outcome]++;
        if (outcome == Outcome.Wrong && Truth.BeginsRight(correlation, requests[number]))
            Misassembled++;
        if (outcome != Outcome.Right)
            detail?.Invoke(outcome, requests[number], record, correlation);
        calibration.Add(correlation.Match, outcome);
    }
}
