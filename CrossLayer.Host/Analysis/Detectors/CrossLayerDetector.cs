using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Application and kernel held against each other: what the pipeline finds discrepant is as suspicious as the finding is sure; where
/// it is inconclusive, this abstains. Known when the live pipeline would have known (<see cref="FindingTime"/>).
/// </summary>
internal sealed class CrossLayerDetector : IDetector
{
    private readonly CorrelationSettings _settings;
    private readonly Func<EpisodeInput, IReadOnlyList<Correlation>> _view;

    private CrossLayerDetector(string name, CorrelationSettings settings, Func<EpisodeInput, IReadOnlyList<Correlation>> view) =>
        (Name, _settings, _view) = (name, settings, view);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DetectorLayer Layer => DetectorLayer.CrossLayer;

    /// <summary>Sees both ends.</summary>
    /// <param name="settings">Those that episodes are correlated with.</param>
    public static CrossLayerDetector BothEnds(CorrelationSettings settings) => new("cross_layer", settings, episode => episode.Correlations);

    /// <summary>Sees the client's end alone.</summary>
    /// <inheritdoc cref="BothEnds"/>
    public static CrossLayerDetector ClientEnd(CorrelationSettings settings) =>
        new("cross_layer_client_end", settings, episode => episode.ClientEndCorrelations);

    /// <summary>Sees the server's end alone.</summary>
    /// <inheritdoc cref="BothEnds"/>
    public static CrossLayerDetector ServerEnd(CorrelationSettings settings) =>
        new("cross_layer_server_end", settings, episode => episode.ServerEndCorrelations);

    /// <inheritdoc/>
    public void Learn(EpisodeRecords benign)
    {
    }

    /// <inheritdoc/>
    public IEnumerable<Suspicion> Judge(EpisodeInput episode)
    {
        var clock = new EpisodeClock(episode.KernelEvents);
        var times = new FindingTime(clock, _settings);
        foreach (var (request, correlation) in CorrelatedRequests.Of(_view(episode), episode.ClientRecords, clock, _settings.ClockTolerance).Requests)
        {
            if (correlation.Finding.Verdict == Verdict.Discrepant)
                yield return new Suspicion(request, correlation.Finding.Confidence, times.UnixNsOf(correlation), correlation.Finding.Cause);
            else if (correlation.Finding.Verdict == Verdict.Inconclusive)
                yield return new Suspicion(request, 0, times.UnixNsOf(correlation), Abstains: true);
        }
    }
}
