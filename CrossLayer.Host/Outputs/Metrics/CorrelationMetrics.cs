using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>What the metrics know of correlations: counted as they pass. One thread counts while others may write what was counted.</summary>
/// <param name="maxPairs">The most pairs of service and route with labels of their own.</param>
internal sealed class CorrelationMetrics(int maxPairs)
{
    private const string NoRole = "none";

    private static readonly double[] DurationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] DelayBounds = [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 120];
    private static readonly EnumNames<RequestRole> Roles = new();
    private static readonly EnumNames<RequestResult> Results = new();

    private readonly Lock _gate = new();
    private readonly LabelPairs _pairs = new(maxPairs);
    private readonly Dictionary<(LabelPair Pair, RequestRole? Role, Verdict Verdict), long> _requests = [];
    private readonly Dictionary<(LabelPair Pair, RequestRole Role, RequestResult Result), long> _errors = [];
    private readonly Dictionary<(LabelPair Pair, RequestRole Role), BucketCounts> _durations = [];
    private readonly Dictionary<(Cause Cause, string Service, BlindLayer Blind), long> _discrepancies = [];
    private readonly long[] _places = new long[Enum.GetValues<TroublePlace>().Length];
    private readonly long[] _verdicts = new long[Enum.GetValues<Verdict>().Length];
    private readonly long[] _matches = new long[Enum.GetValues<MatchMethod>().Length];
    private readonly BucketCounts _delay = new(DelayBounds);
    private CorrelationBatch? _last;
    private long _batches;

    /// <summary>Counts a batch.</summary>
    /// <param name="batch">From the graph, in its order.</param>
    /// <param name="nowNs">Now, CLOCK_MONOTONIC nanoseconds.</param>
    public void Observe(CorrelationBatch batch, long nowNs)
    {
        ArgumentNullException.ThrowIfNull(batch);
        lock (_gate)
        {
            _batches++;
            _last = batch with { Correlations = [] };
            foreach (var correlation in batch.Correlations)
                Count(correlation, nowNs);
        }
    }

    /// <summary>Writes what was counted.</summary>
    /// <param name="writer">Takes it.</param>
    /// <param name="nowNs">Now, CLOCK_MONOTONIC nanoseconds.</param>
    public void Write(MetricsWriter writer, long nowNs)
    {
        ArgumentNullException.ThrowIfNull(writer);
        lock (_gate)
        {
            WriteRequests(writer);
            WriteFindings(writer);
            writer.Write(MetricCatalogue.LabelOverflow, _pairs.Overflow);
            writer.Write(MetricCatalogue.LabelPairs, _pairs.Count);
            writer.Write(MetricCatalogue.LabelPairsLimit, _pairs.Limit);
            writer.Write(MetricCatalogue.Batches, _batches);
            writer.Begin(MetricCatalogue.VerdictDelay);
            writer.Sample(MetricCatalogue.VerdictDelay, _delay);
            if (_last is not null)
                WriteGraph(writer, _last, nowNs);
        }
    }

    private static void WriteGraph(MetricsWriter writer, CorrelationBatch last, long nowNs)
    {
        var counters = last.Counters;
        writer.Write(MetricCatalogue.WatermarkLag, Math.Max(0, nowNs - last.WatermarkNs) / 1e9);
        writer.Write(MetricCatalogue.UnclaimedExchanges, counters.UnclaimedExchanges);
        writer.Write(MetricCatalogue.CrowdedRecords, counters.RejectedRecords);
        writer.Write(MetricCatalogue.LateRecords, counters.LateRecords);
        writer.Write(MetricCatalogue.ForgottenAttempts, counters.ForgottenAttempts);
        writer.Write(MetricCatalogue.EventsSkipped, counters.SkippedEvents);
        writer.Write(MetricCatalogue.EventsLate, counters.LateEvents);
        writer.Write(MetricCatalogue.Sockets, counters.Sockets);
        writer.Write(MetricCatalogue.Connections, counters.Connections);
        writer.Write(MetricCatalogue.WaitingConnections, counters.WaitingConnections);
    }

    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key)
        where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + 1;

    private void Count(Correlation correlation, long nowNs)
    {
        var finding = correlation.Finding;
        _verdicts[(int)finding.Verdict]++;
        _matches[(int)correlation.Match.Method]++;
        // The service that answered, where it reported: that is where an operator begins to look.
        var pair = default(LabelPair?);
        foreach (var record in new[] { correlation.ClientRecord, correlation.ServerRecord })
        {
            if (record is not null)
                Count(record, (pair = _pairs.Of(record.Service, record.Route)).Value, finding.Verdict);
        }

        if (pair is null)
            Add(_requests, (_pairs.Of(null, null), null, finding.Verdict));
        if (finding.Verdict == Verdict.Discrepant)
        {
            _places[(int)correlation.Place]++;
            Add(_discrepancies, (finding.Cause ?? Cause.Unknown, pair?.Service ?? LabelPair.Unnamed, finding.BlindLayer));
        }

        if (Math.Max(correlation.ClientExchange?.LastNs ?? 0, correlation.ServerExchange?.LastNs ?? 0) is > 0 and var last)
            _delay.Add(Math.Max(0, nowNs - last) / 1e9);
    }

    private void Count(RequestRecord record, LabelPair pair, Verdict verdict)
    {
        Add(_requests, (pair, record.Role, verdict));
        if (record.Result != RequestResult.Success)
            Add(_errors, (pair, record.Role, record.Result));
        if (!_durations.TryGetValue((pair, record.Role), out var durations))
            _durations.Add((pair, record.Role), durations = new BucketCounts(DurationBounds));
        durations.Add(record.LatencyMs / 1e3);
    }

    private void WriteRequests(MetricsWriter writer)
    {
        writer.Begin(MetricCatalogue.Requests);
        foreach (var ((pair, role, verdict), count) in _requests)
        {
            writer.Sample(
                MetricCatalogue.Requests, count, pair.Service, pair.Route,
                role is { } known ? Roles[known].Value : NoRole, CorrelationNames.Verdicts[verdict].Value);
        }

        writer.Begin(MetricCatalogue.RequestErrors);
        foreach (var ((pair, role, result), count) in _errors)
            writer.Sample(MetricCatalogue.RequestErrors, count, pair.Service, pair.Route, Roles[role].Value, Results[result].Value);
        writer.Begin(MetricCatalogue.RequestDuration);
        foreach (var ((pair, role), durations) in _durations)
            writer.Sample(MetricCatalogue.RequestDuration, durations, pair.Service, pair.Route, Roles[role].Value);
    }

    private void WriteFindings(MetricsWriter writer)
    {
        writer.Begin(MetricCatalogue.Correlations);
        foreach (var verdict in Enum.GetValues<Verdict>())
            writer.Sample(MetricCatalogue.Correlations, _verdicts[(int)verdict], CorrelationNames.Verdicts[verdict].Value);
        writer.Begin(MetricCatalogue.Matches);
        foreach (var method in Enum.GetValues<MatchMethod>())
            writer.Sample(MetricCatalogue.Matches, _matches[(int)method], CorrelationNames.MatchMethods[method].Value);
        writer.Begin(MetricCatalogue.Places);
        foreach (var place in Enum.GetValues<TroublePlace>())
            writer.Sample(MetricCatalogue.Places, _places[(int)place], CorrelationNames.Places[place].Value);
        writer.Begin(MetricCatalogue.Discrepancies);
        foreach (var ((cause, service, blind), count) in _discrepancies)
        {
            writer.Sample(
                MetricCatalogue.Discrepancies, count,
                CorrelationNames.Causes[cause].Value, service, CorrelationNames.BlindLayers[blind].Value);
        }
    }
}
