using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Finds retries that a client's library hid: one record, two exchanges, on two connections. What is unanswered on one is
/// compared with the requests that were reported to the same server in its time. Plain state, in order of event time.
/// </summary>
/// <remarks>
/// The attempt ended before the retry began, so that its window closed before: nothing has to be kept back. A retry that
/// cost nothing to anyone (the server never read the first) is no discrepancy.
/// </remarks>
public sealed class RetryFinder
{
    private const int Most = 4096;
    private static readonly long KeptNs = (long)TimeSpan.FromMinutes(2).TotalNanoseconds;

    private readonly long _toleranceNs;
    private readonly LinkedList<Attempt> _attempts = [];

    /// <summary>No attempt is known yet.</summary>
    public RetryFinder(CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _toleranceNs = (long)settings.ClockTolerance.TotalNanoseconds;
    }

    /// <summary>Attempts forgotten because there were too many.</summary>
    public long Forgotten { get; private set; }

    /// <summary>Takes in attempts, then says of correlations which are retries of one.</summary>
    public IReadOnlyList<Correlation> Apply(IReadOnlyList<Attempt> attempts, IReadOnlyList<Correlation> correlations, long watermarkNs)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        ArgumentNullException.ThrowIfNull(correlations);
        foreach (var attempt in attempts)
            _attempts.AddLast(attempt);
        for (; _attempts.Count > Most; Forgotten++)
            _attempts.RemoveFirst();
        if (_attempts.Count == 0)
            return correlations;
        var result = correlations.Select(Judge).ToList();
        while (_attempts.First is { } oldest && watermarkNs != long.MaxValue && oldest.Value.EndNs + KeptNs < watermarkNs)
            _attempts.RemoveFirst();
        return result;
    }

    private Correlation Judge(Correlation correlation)
    {
        if (correlation is not { ClientRecord: { } record, Finding.Verdict: Verdict.Healthy or Verdict.Discrepant }
            || (correlation.ClientExchange ?? correlation.ServerExchange) is not { Response.Length: > 0 } exchange
            || correlation.Finding.Cause is not (null or Cause.Unknown))
            return correlation;
        var startNs = (exchange.ResponseEndNs ?? exchange.LastNs) - record.DurationNs;
        for (var node = _attempts.First; node is not null; node = node.Next)
        {
            if (!IsFirstOf(node.Value, exchange, startNs))
                continue;
            _attempts.Remove(node);
            return node.Value.ReadByServer ? correlation with { Finding = Retried(node.Value, exchange) } : correlation;
        }

        return correlation;
    }

    private bool IsFirstOf(Attempt attempt, Exchange exchange, long startNs) =>
        attempt.RequestBytes == exchange.Request.Length
        && attempt.Server == (exchange.IsServer ? exchange.Local : exchange.Peer)
        && attempt.Client == (exchange.IsServer ? exchange.Peer : exchange.Local).Address
        && attempt.Connection != exchange.Connection
        && attempt.StartNs >= startNs - _toleranceNs
        && attempt.StartNs <= exchange.FirstNs && attempt.EndNs <= exchange.LastNs + _toleranceNs;

    private static Finding Retried(Attempt attempt, Exchange exchange) => new()
    {
        Verdict = Verdict.Discrepant,
        Cause = Cause.HiddenRetry,
        BlindLayer = BlindLayer.Application,
        Confidence = 0.85,
        Reason = $"The client's application reports one request; its library sent it twice: on {attempt.Connection} the server read "
            + $"its {attempt.RequestBytes} bytes and did not answer, the answer came on {exchange.Connection}.",
    };
}
