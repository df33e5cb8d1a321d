using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Kernel-only: what happens on a connection is suspicious for the requests that are on it. Known at once: a request is named again
/// each time that its score grows.
/// </summary>
internal abstract class KernelDetector : IDetector
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public DetectorLayer Layer => DetectorLayer.Kernel;

    /// <inheritdoc/>
    public void Learn(EpisodeRecords benign)
    {
    }

    /// <inheritdoc/>
    public IEnumerable<Suspicion> Judge(EpisodeInput episode)
    {
        foreach (var request in RequestEvents.Of(episode))
        {
            var highest = 0.0;
            foreach (var (score, at, cause) in Watch(request))
            {
                if (score <= highest)
                    continue;
                highest = score;
                yield return new Suspicion(request.Request, score, at, cause);
            }
        }
    }

    /// <summary>The score, event by event.</summary>
    protected abstract IEnumerable<Sign> Watch(RequestEvents request);

    /// <summary>What an event makes of a request's score.</summary>
    protected readonly record struct Sign(double Score, long AtUnixNs, Cause? Cause = null);
}
