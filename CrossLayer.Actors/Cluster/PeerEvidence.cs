using Akka.Actor;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Hosts;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Cluster;

/// <summary>What this host's kernel knows of connections that another host asks for.</summary>
/// <param name="shards">The lanes of this host's graph.</param>
/// <param name="sinceNs">Since when they are told what its kernel sees; CLOCK_MONOTONIC nanoseconds.</param>
internal sealed class PeerEvidence(IReadOnlyList<IActorRef> shards, long sinceNs)
{
    /// <summary>By how much less than the truth an age may say: a window closed, and was sent.</summary>
    private static readonly long AgeErrorNs = (long)TimeSpan.FromSeconds(1).TotalNanoseconds;

    /// <summary>The graph is behind its kernel by more than what takes its windows to close: what it knows is not all yet.</summary>
    private static readonly long LagNs = (long)TimeSpan.FromSeconds(3).TotalNanoseconds;

    /// <summary>A loss so long ago has nothing to do with a request that is asked for now.</summary>
    private static readonly long LossNs = (long)TimeSpan.FromSeconds(60).TotalNanoseconds;

    /// <summary>By how much this host's wall clock is ahead of its monotonic clock, in nanoseconds.</summary>
    internal static long? WallAheadNs() => ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) - KernelClock.MonotonicNs();

    /// <summary>Asks the shards.</summary>
    /// <param name="ask">What for.</param>
    /// <param name="waiting">Connections of which something waits to be told: they are busy.</param>
    /// <param name="timeout">How long a shard may take; one that takes longer is busy.</param>
    internal async Task<PeerAnswer> LookAsync(AskPeer ask, IReadOnlySet<ConnectionKey> waiting, TimeSpan timeout)
    {
        var views = await Task.WhenAll(ask.Connections.Select(asked => waiting.Contains(asked.Connection)
            ? Task.FromResult<(PeerView, string?)>((PeerView.Busy, null)) : LookAsync(asked.Connection, asked.AgeMs * 1_000_000, timeout)));
        return new PeerAnswer(ask.Number, views, WallAheadNs());
    }

    private async Task<(PeerView View, string? Gap)> LookAsync(ConnectionKey connection, long ageNs, TimeSpan timeout)
    {
        if (shards.Count == 0)
            return (PeerView.CutOff, "its host has no pipeline");
        try
        {
            var shard = shards[ConnectionKey.Shard(connection.Low.Port, connection.High.Port, shards.Count)];
            var answer = await shard.Ask<ConnectionAnswer>(new AskConnection(connection), timeout);
            return View(answer, KernelClock.MonotonicNs(), ageNs);
        }
        catch (AskTimeoutException)
        {
            return (PeerView.Busy, null);
        }
    }

    /// <summary>What an answer of a shard says of a request that began so long ago.</summary>
    internal (PeerView View, string? Gap) View(ConnectionAnswer answer, long nowNs, long ageNs)
    {
        var coverage = answer.Coverage;
        if (answer.IsBusy)
            return (PeerView.Busy, null);
        // Nothing was ever covered: there is no probe, and what there never will be is not waited for.
        if (coverage.StartNs == long.MaxValue)
            return (PeerView.CutOff, "its host has no kernel events");
        if (answer.WatermarkNs < nowNs - LagNs)
            return (PeerView.Busy, null);
        if (ageNs > 0 && nowNs - ageNs - AgeErrorNs < sinceNs)
            return (PeerView.CutOff, "its host was not watched yet when the request began");
        return coverage.Gap(Math.Max(coverage.StartNs, answer.WatermarkNs - LossNs), answer.WatermarkNs) is { } gap ? (PeerView.CutOff, gap) : (PeerView.Nothing, null);
    }
}
