using CrossLayer.Host.Ingest;

namespace CrossLayer.Host.Outputs.Metrics;

/// <summary>
/// Which pairs of service and route have labels of their own: the first that come, up to a limit, for as long as the process lives. All
/// further ones are <see cref="LabelPair.Other"/>, and counted: a series that vanished to make room for another would lose its count. Plain state.
/// </summary>
/// <param name="limit">The most pairs.</param>
internal sealed class LabelPairs(int limit)
{
    private readonly HashSet<LabelPair> _pairs = [];

    /// <summary>The most pairs.</summary>
    public int Limit => limit;

    /// <summary>Pairs so far.</summary>
    public int Count => _pairs.Count;

    /// <summary>How often a pair beyond the limit was asked for.</summary>
    public long Overflow { get; private set; }

    /// <summary>The labels of a service and a route; the route is made a template, so that no raw path becomes a label.</summary>
    public LabelPair Of(string? service, string? route)
    {
        var pair = new LabelPair(
            string.IsNullOrWhiteSpace(service) ? LabelPair.Unnamed : service,
            string.IsNullOrWhiteSpace(route) ? LabelPair.Unnamed : RecordPrivacy.Template(route));
        if (_pairs.Contains(pair) || (_pairs.Count < limit && _pairs.Add(pair)))
            return pair;
        Overflow++;
        return LabelPair.Other;
    }
}
