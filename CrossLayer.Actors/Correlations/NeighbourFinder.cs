using CrossLayer.Actors.Diagnosis;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Holds each discrepancy against the requests to the same server that ended shortly before. Plain state, in order of event time:
/// the same correlations give the same findings, however they were cut into batches.
/// </summary>
/// <remarks>
/// Nothing is kept back for a neighbour that may yet come: what is long in failing closes after what went well meanwhile.
/// </remarks>
public sealed class NeighbourFinder
{
    private const int Most = 512;
    private const int MostServers = 4096;
    private static readonly long KeptNs = (long)TimeSpan.FromSeconds(10).TotalNanoseconds;

    private readonly CorrelationSettings _settings;
    private readonly Dictionary<Endpoint, Queue<Neighbour>> _servers = [];

    /// <summary>Servers whose requests were forgotten because there were too many servers.</summary>
    public long Forgotten { get; private set; }

    /// <summary>No neighbour is known yet.</summary>
    public NeighbourFinder(CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
    }

    /// <summary>Correlations with what their neighbours tell of them, those of before and those among them.</summary>
    public IReadOnlyList<Correlation> Apply(IReadOnlyList<Correlation> correlations)
    {
        ArgumentNullException.ThrowIfNull(correlations);
        return correlations.Count == 0 ? correlations : [.. correlations.Select(Judge)];
    }

    private Correlation Judge(Correlation correlation)
    {
        if (NeighbourRules.ServerOf(correlation) is not { } server)
            return correlation;
        if (!_servers.TryGetValue(server, out var neighbours))
        {
            // Whoever is forgotten is met anew; what it lacks is a few neighbours.
            if (_servers.Count >= MostServers)
            {
                Forgotten += _servers.Count;
                _servers.Clear();
            }

            _servers.Add(server, neighbours = new Queue<Neighbour>());
        }

        if (correlation.Finding.Verdict == Verdict.Discrepant)
            correlation = correlation with { Finding = NeighbourRules.Revise(correlation, neighbours) };
        var own = NeighbourRules.Of(correlation, _settings);
        neighbours.Enqueue(own);
        while (neighbours.Count > Most || neighbours.Peek().EndNs < own.EndNs - KeptNs)
            neighbours.Dequeue();
        return correlation;
    }
}
