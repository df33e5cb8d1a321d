using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Analysis;

/// <summary>What applications reported of an episode.</summary>
internal record EpisodeRecords
{
    /// <summary>The name of its folder.</summary>
    public required string Name { get; init; }

    /// <summary>What clients' applications reported, in the order in which they did.</summary>
    public required IReadOnlyList<RequestRecord> ClientRecords { get; init; }

    /// <summary>What servers' applications reported, in the order in which they did.</summary>
    public required IReadOnlyList<RequestRecord> ServerRecords { get; init; }
}
