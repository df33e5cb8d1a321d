using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Loading;

/// <summary>Counts by result, and latencies, of the requests of a run.</summary>
internal sealed class LoadSummary
{
    private readonly int[] _results = new int[Enum.GetValues<RequestResult>().Length];
    private readonly List<double> _latenciesMs = [];

    /// <summary>How many requests.</summary>
    public int Count => _latenciesMs.Count;

    /// <summary>How many of them ended so.</summary>
    public int this[RequestResult result] => _results[(int)result];

    /// <summary>Adds a request.</summary>
    public void Add(RequestRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        _results[(int)record.Result]++;
        _latenciesMs.Add(record.LatencyMs);
    }

    /// <summary>The latency, in milliseconds, that this share of the requests did not exceed (nearest rank).</summary>
    /// <param name="share">Above 0, up to 1: 0.5 is the median, 1 the maximum.</param>
    /// <returns>NaN where there are no requests.</returns>
    public double LatencyMs(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        if (Count == 0)
            return double.NaN;
        var sorted = _latenciesMs.Order().ToArray();
        return sorted[(int)Math.Ceiling(share * sorted.Length) - 1];
    }
}
