using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Journal;

/// <summary>Which discrepancies a query is for; what is null, or empty, asks for all.</summary>
public sealed record DiscrepancyFilter
{
    /// <summary>Written then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Written before then.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>One of these causes.</summary>
    public IReadOnlyCollection<Cause> Causes { get; init; } = [];

    /// <summary>The service that one of the request's records names.</summary>
    public string? Service { get; init; }

    /// <summary>The route that one of the request's records names; with a * at its end, all that begin so.</summary>
    public string? Route { get; init; }

    /// <summary>The least confidence in the cause.</summary>
    public double MinConfidence { get; init; }

    /// <summary>Whether a discrepancy is asked for, apart from when it was written.</summary>
    public bool Takes(Correlation correlation)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        return (Causes.Count == 0 || correlation.Finding.Cause is { } cause && Causes.Contains(cause))
            && correlation.Finding.Confidence >= MinConfidence
            && (Service is null || Any(correlation, record => record.Service == Service))
            && (Route is null || Any(correlation, record => record.Route is { } route && IsRoute(route)));
    }

    /// <summary>Whether a route's summary is asked for, apart from when it was written.</summary>
    public bool Takes(RouteSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return (Service is null || summary.Service == Service) && (Route is null || IsRoute(summary.Route));
    }

    private static bool Any(Correlation correlation, Func<RequestRecord, bool> takes) =>
        correlation.ClientRecord is { } client && takes(client) || correlation.ServerRecord is { } server && takes(server);

    private bool IsRoute(string route) =>
        Route!.EndsWith('*') ? route.StartsWith(Route[..^1], StringComparison.Ordinal) : route == Route;
}
