using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Cluster;

/// <summary>What hosts of a cluster tell each other (cluster.proto).</summary>
public abstract record ClusterMessage;

/// <summary>Halves of requests, for one lane.</summary>
/// <param name="Lane">Which: <see cref="ConnectionKey.Shard"/> of their connections.</param>
/// <param name="Host">The sender's run.</param>
/// <param name="WallAheadNs">By how much its wall clock is ahead of its monotonic clock, in nanoseconds; null if that is not known.</param>
/// <param name="Halves">The halves.</param>
public sealed record HalfBatch(int Lane, string Host, long? WallAheadNs, IReadOnlyList<RequestHalf> Halves) : ClusterMessage;

/// <summary>Halves that are done with, by <see cref="RequestHalf.Number"/>.</summary>
public sealed record HalvesSettled(IReadOnlyList<long> Numbers) : ClusterMessage;

/// <summary>Requests that were decided, for the host that reports them.</summary>
public sealed record JoinedBatch(IReadOnlyList<JoinedRequest> Requests) : ClusterMessage;

/// <summary>The first half of each joined request that its host has taken.</summary>
public sealed record JoinedTaken(IReadOnlyList<HalfId> First) : ClusterMessage;

/// <summary>What does your kernel know of these connections?</summary>
/// <param name="Number">Comes back with the answer.</param>
/// <param name="Connections">Which, and how long ago the request on each began that is asked for, in milliseconds; 0 where that is not known.</param>
public sealed record AskPeer(long Number, IReadOnlyList<(ConnectionKey Connection, long AgeMs)> Connections) : ClusterMessage;

/// <summary>What a host's kernel knows of the connections that it was asked for.</summary>
/// <param name="Number">The question's.</param>
/// <param name="Views">For each connection, in the order of the question.</param>
/// <param name="WallAheadNs">By how much its wall clock is ahead of its monotonic clock, in nanoseconds; null if that is not known.</param>
public sealed record PeerAnswer(long Number, IReadOnlyList<(PeerView View, string? Gap)> Views, long? WallAheadNs) : ClusterMessage;

/// <summary>Who is a member of the sender's cluster, for one who is not.</summary>
/// <param name="Members">The members' addresses.</param>
public sealed record RollCall(IReadOnlyList<string> Members) : ClusterMessage;
