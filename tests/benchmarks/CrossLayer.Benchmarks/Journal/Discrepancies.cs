using Akka.Streams.Dsl;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Benchmarks.Traffic;

namespace CrossLayer.Benchmarks.Journal;

/// <summary>Discrepancies as the pipeline finds them, many of one.</summary>
internal static class Discrepancies
{
    internal static async Task<IReadOnlyList<Correlation>> MakeAsync(int count)
    {
        await using var correlator = OfflineCorrelator.Start(DefaultConfiguration.Load());
        Correlation? found = null;
        await correlator.RunAsync(Source.From(new SyntheticTraffic(1000, 8, 1000).Inputs()), correlator.Settings,
            batch => found ??= batch.Correlations.FirstOrDefault(one => one.Finding.Verdict == Verdict.Discrepant));
        return [.. Enumerable.Range(0, count).Select(i => found! with { RequestId = Actors.Requests.RequestId.From(i) })];
    }
}
