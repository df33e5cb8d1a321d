using CrossLayer.Host.Analysis;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>A detector that says the same of each episode, and counts those that it learned from.</summary>
internal sealed class Says(DetectorLayer layer, params Suspicion[] suspicions) : IDetector
{
    public int Learned { get; private set; }

    public string Name => $"says_{layer}";

    public DetectorLayer Layer => layer;

    public void Learn(EpisodeRecords benign) => Learned++;

    public IEnumerable<Suspicion> Judge(EpisodeInput episode) => suspicions;
}
