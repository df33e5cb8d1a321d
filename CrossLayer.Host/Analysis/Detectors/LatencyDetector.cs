using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Application-only: how unusual a latency is on its route. Monitoring in the field watches both latency and status: what failed is
/// more suspicious than any latency. What an application knows to take long is not. Known when the record is written.
/// </summary>
internal abstract class LatencyDetector : IDetector
{
    /// <summary>What failed: above the score of any latency.</summary>
    public const double Failed = double.MaxValue;

    /// <summary>What differs by less, in milliseconds, is not told apart: no spread is smaller. Records are exact to 0.1 microseconds.</summary>
    protected const double LeastMs = 0.001;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public DetectorLayer Layer => DetectorLayer.Application;

    /// <inheritdoc/>
    public void Learn(EpisodeRecords benign)
    {
        foreach (var (record, failure) in Reported.Of(benign))
            if (failure is null && !record.ExpectedSlow)
                Learn(record.Route, record.LatencyMs);
    }

    /// <inheritdoc/>
    public IEnumerable<Suspicion> Judge(EpisodeInput episode)
    {
        var score = Begin();
        foreach (var (record, failure) in Reported.Of(episode))
        {
            if (failure is not null)
                yield return new Suspicion(record.RequestId, Failed, failure.EndUnixNs ?? 0);
            else if (!record.ExpectedSlow && score(record) is > 0 and var latency)
                yield return new Suspicion(record.RequestId, latency, record.EndUnixNs ?? 0);
        }
    }

    /// <summary>Learns an ordinary latency.</summary>
    protected abstract void Learn(string? route, double latencyMs);

    /// <summary>What scores the records of an episode, in the order in which they end.</summary>
    protected abstract Func<RequestRecord, double> Begin();
}
