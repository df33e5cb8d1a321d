namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>Application-only: what an application reports as failed is suspicious, and nothing else. Known when that record is written.</summary>
internal sealed class StatusDetector : IDetector
{
    /// <inheritdoc/>
    public string Name => "status";

    /// <inheritdoc/>
    public DetectorLayer Layer => DetectorLayer.Application;

    /// <inheritdoc/>
    public void Learn(EpisodeRecords benign)
    {
    }

    /// <inheritdoc/>
    public IEnumerable<Suspicion> Judge(EpisodeInput episode) => Reported.Of(episode)
        .Where(reported => reported.Failure is not null)
        .Select(reported => new Suspicion(reported.Record.RequestId, 1, reported.Failure!.EndUnixNs ?? 0));
}
