using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>The detectors that are compared; the union of those of one layer comes after them, once they have learned.</summary>
internal static class DetectorSet
{
    /// <summary>Makes them.</summary>
    /// <param name="settings">Those that episodes are correlated with.</param>
    public static IReadOnlyList<IDetector> Create(CorrelationSettings settings) =>
    [
        new DummyDetector(),
        new StatusDetector(),
        new StaticThresholdDetector(),
        new EwmaDetector(),
        new RobustZDetector(),
        new RetransmitOrResetDetector(),
        new RetransmitRatioDetector(),
        new SocketRulesDetector(),
        CrossLayerDetector.BothEnds(settings),
        CrossLayerDetector.ClientEnd(settings),
        CrossLayerDetector.ServerEnd(settings),
    ];
}
