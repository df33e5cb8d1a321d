using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Analysis;

/// <summary>From when on a route's requests are slow, as ordinary traffic shows it.</summary>
/// <param name="Slow">The limit, of a role.</param>
/// <param name="Requests">How many requests it rests on.</param>
internal sealed record LearnedLimit(SlowRoute Slow, int Requests);
