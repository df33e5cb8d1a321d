using CrossLayer.Host.Analysis.Statistics;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>Requests, touched or impacted, that cross_layer finds and others do not, and the reverse.</summary>
/// <param name="Baseline">Which others: a detector, or all of a layer, of which one suffices.</param>
/// <param name="OnlyCrossLayer">Requests that only cross_layer finds.</param>
/// <param name="OnlyBaseline">Requests that only the others find.</param>
internal sealed record BlindSpot(string Baseline, Share OnlyCrossLayer, Share OnlyBaseline)
{
    /// <summary>Against the best detector of one layer, all of the application, all of the kernel.</summary>
    /// <param name="detectors">All detectors.</param>
    /// <param name="crossLayer">Which of them is cross_layer.</param>
    /// <param name="best">Which of those of one layer has the best recall here.</param>
    /// <param name="episodes">Where.</param>
    /// <param name="bootstrap">Draws of the episodes.</param>
    public static IReadOnlyList<BlindSpot> Of(
        IReadOnlyList<DetectorDescription> detectors, int crossLayer, int? best, IReadOnlyList<TestedEpisode> episodes, ClusterBootstrap bootstrap)
    {
        var spots = new List<BlindSpot>();
        if (best is { } single)
            spots.Add(Against($"best single layer: {detectors[single].Name}", [single]));
        spots.Add(Against("all application-only", OfLayer(DetectorLayer.Application)));
        spots.Add(Against("all kernel-only", OfLayer(DetectorLayer.Kernel)));
        return spots;

        List<int> OfLayer(DetectorLayer layer) => [.. Enumerable.Range(0, detectors.Count).Where(i => detectors[i].Layer == layer)];

        BlindSpot Against(string name, IReadOnlyList<int> baseline)
        {
            var (cross, other) = (new List<Tally>(), new List<Tally>());
            foreach (var episode in episodes)
            {
                var (onlyCross, onlyOther, cases) = (0, 0, 0);
                foreach (var request in episode.Requests.Where(TestedEpisode.IsTouchedOrImpacted))
                {
                    var byCross = request.Decisions[crossLayer].Alarm;
                    var byOther = baseline.Any(i => request.Decisions[i].Alarm);
                    cases++;
                    onlyCross += byCross && !byOther ? 1 : 0;
                    onlyOther += byOther && !byCross ? 1 : 0;
                }

                cross.Add(new Tally(onlyCross, cases));
                other.Add(new Tally(onlyOther, cases));
            }

            return new BlindSpot(name, Share.OfClusters(bootstrap, cross), Share.OfClusters(bootstrap, other));
        }
    }
}
