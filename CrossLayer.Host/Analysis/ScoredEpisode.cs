using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Analysis;

/// <summary>An episode with what every detector, tuned, decided of its requests.</summary>
/// <param name="Label">What is known of it.</param>
/// <param name="Requests">Its requests.</param>
internal sealed record ScoredEpisode(EpisodeLabel Label, IReadOnlyList<ScoredRequest> Requests)
{
    /// <summary>Correlations, of both ends, that are about none of its requests: nobody is to be found who sent them.</summary>
    public int UnattributedCorrelations { get; init; }
}

/// <summary>A request with what every detector decided.</summary>
/// <param name="Label">What is known of it.</param>
/// <param name="Impacted">It went wrong or took longer than is ordinary on its route (<see cref="Scoring.OrdinaryLatencies"/>).</param>
/// <param name="Decisions">For each detector, in their order.</param>
internal sealed record ScoredRequest(RequestLabel Label, bool Impacted, IReadOnlyList<Decision> Decisions);

/// <summary>What a tuned detector decided of a request.</summary>
/// <param name="Alarm">It raised an alarm.</param>
/// <param name="Abstained">It said that it cannot say; then there is no alarm.</param>
/// <param name="Score">What the alarm was decided by: the highest of its scores.</param>
/// <param name="AtUnixNs">When it raised the alarm, else when it came to its highest score: nanoseconds since the Unix epoch; 0 where it said nothing.</param>
/// <param name="Cause">What it takes for the cause.</param>
internal readonly record struct Decision(bool Alarm, bool Abstained, double Score, long AtUnixNs, Cause? Cause);
