using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Analysis.Statistics;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Analysis.Measures;

/// <summary>A cell of a cause matrix.</summary>
/// <param name="Injected">What was injected; the causes of a mix with a plus between them.</param>
/// <param name="Diagnosed">What was diagnosed: a cause, <c>unknown</c>, <c>abstained</c> or <c>none</c>.</param>
/// <param name="Count">How often.</param>
internal sealed record CauseCell(string Injected, string Diagnosed, long Count);

/// <summary>How well a detector names causes.</summary>
/// <param name="EpisodeTop1">Episodes whose first cause is one that was injected.</param>
/// <param name="EpisodeTop3">Episodes with every injected cause among the first three.</param>
/// <param name="RequestTop1">Impacted requests with an alarm that names an injected cause, of all impacted ones.</param>
/// <param name="AlarmTop1">The same, of the impacted ones with an alarm.</param>
/// <param name="Episodes">First cause by episode.</param>
/// <param name="Requests">Cause by impacted request.</param>
internal sealed record CauseFigures(
    Share EpisodeTop1, Share EpisodeTop3, Share RequestTop1, Share AlarmTop1, IReadOnlyList<CauseCell> Episodes, IReadOnlyList<CauseCell> Requests)
{
    /// <summary>No alarm.</summary>
    public const string None = "none";

    /// <summary>The detector said that it cannot say.</summary>
    public const string Abstained = "abstained";

    /// <summary>The figures of a detector over episodes with impact; null where it never names a cause.</summary>
    public static CauseFigures? Of(IReadOnlyList<TestedEpisode> episodes, int detector, ClusterBootstrap bootstrap)
    {
        if (!episodes.Any(episode => episode.Requests.Any(request => request.Decisions[detector] is { Alarm: true, Cause: not null })))
            return null;
        var rankings = episodes.Select(episode => (Episode: episode, Ranking: CauseRanking.Of(episode, detector))).ToList();
        var impacted = episodes
            .Select(episode => (Episode: episode, Decisions: episode.Requests.Where(TestedEpisode.IsImpacted).Select(request => request.Decisions[detector]).ToList()))
            .ToList();
        return new CauseFigures(
            Share.OfTrials(rankings.Count(pair => CauseRanking.IsTop1(pair.Ranking, pair.Episode.Causes)), rankings.Count),
            Share.OfTrials(rankings.Count(pair => CauseRanking.IsTop3(pair.Ranking, pair.Episode.Causes)), rankings.Count),
            Share.OfClusters(bootstrap, [.. impacted.Select(pair => new Tally(Right(pair.Episode, pair.Decisions), pair.Decisions.Count))]),
            Share.OfClusters(bootstrap, [.. impacted.Select(pair => new Tally(Right(pair.Episode, pair.Decisions), pair.Decisions.Count(d => d.Alarm)))]),
            Matrix(rankings.Select(pair => (Row(pair.Episode), pair.Ranking.Count > 0 ? Name(pair.Ranking[0]) : None))),
            Matrix(impacted.SelectMany(pair => pair.Decisions.Select(decision => (Row(pair.Episode), Diagnosed(decision))))));
    }

    private static int Right(TestedEpisode episode, List<Decision> decisions) =>
        decisions.Count(decision => decision.Alarm && decision.Cause is { } cause && episode.Causes.Contains(cause));

    private static string Row(TestedEpisode episode) => string.Join('+', episode.Causes.Select(Name));

    private static string Diagnosed(Decision decision) =>
        decision.Alarm ? Name(decision.Cause ?? Cause.Unknown) : decision.Abstained ? Abstained : None;

    private static string Name(Cause cause) => CorrelationNames.Causes[cause].Value;

    private static List<CauseCell> Matrix(IEnumerable<(string Injected, string Diagnosed)> cases) =>
    [
        .. cases.CountBy(pair => pair).Select(cell => new CauseCell(cell.Key.Injected, cell.Key.Diagnosed, cell.Value))
            .OrderBy(cell => cell.Injected, StringComparer.Ordinal).ThenBy(cell => cell.Diagnosed, StringComparer.Ordinal),
    ];
}
