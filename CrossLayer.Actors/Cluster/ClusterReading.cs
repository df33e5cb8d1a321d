namespace CrossLayer.Actors.Cluster;

/// <summary>How this host's part in the cluster is doing.</summary>
/// <param name="Own">This host's run.</param>
/// <param name="Members">All members, this one too.</param>
/// <param name="Lanes">Lanes that are on this host now.</param>
/// <param name="Counters">What was counted since the start.</param>
/// <param name="Waiting">Halves that wait for being settled.</param>
/// <param name="OldestMs">Since when the oldest of them does, in milliseconds.</param>
/// <param name="SharedAddresses">Addresses that more than one member has: connections to them are not brought together.</param>
public sealed record ClusterReading(
    string Own, IReadOnlyList<ClusterMember> Members, IReadOnlyList<int> Lanes, ClusterCounters Counters, int Waiting, long OldestMs, IReadOnlyList<string> SharedAddresses)
{
    /// <summary>Before it is known.</summary>
    public static ClusterReading None { get; } = new("", [], [], default, 0, 0, []);
}

/// <summary>A member.</summary>
/// <param name="Host">Its run.</param>
/// <param name="Status">As the cluster calls it: up, joining, leaving …</param>
/// <param name="Reachable">Heard of lately.</param>
/// <param name="Addresses">The addresses that it says it has.</param>
public sealed record ClusterMember(string Host, string Status, bool Reachable, IReadOnlyList<string> Addresses);

/// <summary>What a host has counted of requests that crossed hosts.</summary>
/// <param name="Halves">Halves that it sent, each once.</param>
/// <param name="Again">Halves sent again.</param>
/// <param name="Messages">Messages in which they went.</param>
/// <param name="Joined">Requests that were decided for it to report.</param>
/// <param name="Twice">Requests that came decided once more, and were dropped.</param>
/// <param name="GivenUp">Halves that nobody settled in time: inconclusive.</param>
/// <param name="Refused">Halves for which there was no room: inconclusive.</param>
/// <param name="Asked">Connections that other hosts asked for.</param>
public readonly record struct ClusterCounters(long Halves, long Again, long Messages, long Joined, long Twice, long GivenUp, long Refused, long Asked);
