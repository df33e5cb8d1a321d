using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>What a correlation tells of its server to others that were under way at the same time.</summary>
/// <param name="Client">The client's host.</param>
/// <param name="StartNs">When the request began, connecting included.</param>
/// <param name="EndNs">The last that was seen of it.</param>
/// <param name="ReadNs">When the server's application had read the request, on a connection that it had before; null otherwise.</param>
/// <param name="DeliveredBytes">The largest segment that came through; 0 where it is not known that all did.</param>
/// <param name="TooLargeBytes">The size that did not come through, where that was found to be the cause; 0 elsewhere.</param>
/// <param name="LeastRttNs">The shortest round trip of its connection; 0 if none was measured.</param>
/// <param name="RttNs">The longest while it went on.</param>
/// <param name="AwaitsAccept">The server's application did not take the connection for long, or ever.</param>
internal readonly record struct Neighbour(
    NetworkAddress Client, long StartNs, long EndNs, long? ReadNs, long DeliveredBytes, long TooLargeBytes, long LeastRttNs, long RttNs, bool AwaitsAccept);

/// <summary>What only requests beside a request can tell: whether a server stands still or takes no connections, and whether loss goes by size.</summary>
internal static class NeighbourRules
{
    /// <summary>What Ethernet carries of a stream in one packet at most: 1,500 bytes less the headers of IPv4 and TCP with timestamps.</summary>
    private const long SegmentBytes = 1448;

    private const int FewestSmall = 2;
    private const int FewestToCompare = 3;
    private static readonly long MarginNs = (long)TimeSpan.FromMilliseconds(50).TotalNanoseconds;

    /// <summary>The server's end of a correlation's connection; null where nothing was seen of it.</summary>
    internal static Endpoint? ServerOf(Correlation correlation) =>
        correlation.ServerExchange?.Local ?? correlation.ClientExchange?.Peer;

    /// <summary>What a correlation tells others.</summary>
    internal static Neighbour Of(Correlation correlation, CorrelationSettings settings)
    {
        var (client, server) = (correlation.ClientExchange, correlation.ServerExchange);
        var any = (client ?? server)!;
        var isWhole = correlation.Finding.Verdict != Verdict.Inconclusive && server is { UnackedBytes: 0, Response.Length: > 0 };
        return new Neighbour(
            (client?.Local ?? server!.Peer).Address,
            client?.ConnectStartNs ?? any.FirstNs,
            Math.Max(client?.LastNs ?? 0, server?.LastNs ?? 0),
            server is { Ordinal: > 1 } ? server.RequestEndNs : null,
            isWhole ? Math.Min(SegmentBytes, Math.Max(server!.Request.Length, server.Response.Length)) : 0,
            correlation.Finding.Cause == Cause.MtuBlackhole && Stuck(correlation) is { } stuck ? SizeOf(stuck) : 0,
            Math.Max(client?.LeastRttNs ?? 0, server?.LeastRttNs ?? 0),
            Math.Max(client?.RttNs ?? 0, server?.RttNs ?? 0),
            correlation.Finding.Cause == Cause.AcceptQueueOverflow || correlation.Ledger.AcceptWaitMs >= settings.Slow.TotalMilliseconds);
    }

    /// <summary>The finding in the light of its neighbours at the same server; as it was where they tell nothing.</summary>
    internal static Finding Revise(Correlation correlation, IReadOnlyCollection<Neighbour> neighbours) =>
        NotAccepted(correlation, neighbours) ?? TooLarge(correlation, neighbours) ?? Queued(correlation, neighbours) ?? correlation.Finding;

    /// <summary>The server's application read other requests meanwhile: it does not stand still, and takes no connections.</summary>
    private static Finding? NotAccepted(Correlation correlation, IReadOnlyCollection<Neighbour> neighbours)
    {
        if (correlation.ClientExchange is not { Ordinal: 1 } client)
            return null;
        var (from, to) = (client.ConnectStartNs ?? client.FirstNs, correlation.ServerExchange?.RequestStartNs ?? client.LastNs);
        var read = neighbours.Count(neighbour => neighbour.ReadNs > from + MarginNs && neighbour.ReadNs < to - MarginNs);
        var waiting = neighbours.Count(neighbour => neighbour.AwaitsAccept && neighbour.StartNs < to && neighbour.EndNs > from);
        var why = correlation.Finding.Cause switch
        {
            Cause.ProcessStall when read > 0 => $"Meanwhile {client.Peer} read {Words.Count(read, "request")} of other connections: this one lay in the accept queue",
            Cause.ConnectBlackhole or Cause.PathLoss or Cause.SynackLoss when waiting > 0 && client is { SynRetransmits: > 0 } or { PeerSynackRetransmits: > 0 } =>
                $"Meanwhile {Words.Count(waiting, "connection")} to {client.Peer} lay in the accept queue, which took no more",
            _ => null,
        };
        return why is null ? null : correlation.Finding with
        {
            Cause = Cause.AcceptQueueOverflow,
            Confidence = 0.8,
            Reason = $"{correlation.Finding.Reason} {why}.",
        };
    }

    /// <summary>Small ones came through all the time, and none that was as large.</summary>
    private static Finding? TooLarge(Correlation correlation, IReadOnlyCollection<Neighbour> neighbours)
    {
        if (correlation.Finding.Cause is not (Cause.SilentResponseLoss or Cause.PathLoss or Cause.IdleConnectionDrop or Cause.Unknown)
            || Stuck(correlation) is not { } stuck)
            return null;
        var size = SizeOf(stuck);
        var (from, to) = (stuck.IsServer ? stuck.ResponseStartNs ?? stuck.FirstNs : stuck.FirstNs, stuck.LastNs);
        var client = (stuck.IsServer ? stuck.Peer : stuck.Local).Address;
        var through = neighbours.Where(neighbour => neighbour.Client == client && neighbour.DeliveredBytes > 0 && neighbour.StartNs > from && neighbour.EndNs < to).ToList();
        // One that was found before needs no proof of its own.
        var isKnown = neighbours.Any(neighbour => neighbour.Client == client && neighbour.TooLargeBytes > 0 && neighbour.TooLargeBytes <= size && neighbour.EndNs > from);
        return (through.Count < FewestSmall && !isKnown) || through.Exists(neighbour => neighbour.DeliveredBytes >= size)
            ? null
            : correlation.Finding with
            {
                Cause = Cause.MtuBlackhole,
                Confidence = 0.85,
                Reason = correlation.Finding.Reason + (through.Count > 0
                    ? $" Meanwhile {Words.Count(through.Count, "request")} to {(stuck.IsServer ? stuck.Local : stuck.Peer)} came through, "
                        + $"none of them with a segment of {Words.Bytes(size)} or more: what is lost are large packets."
                    : $" Others to {(stuck.IsServer ? stuck.Local : stuck.Peer)} found that large packets are lost, and nothing of {Words.Bytes(size)} or more came through since."),
            };
    }

    /// <summary>
    /// A queue on the way is everybody's: round trips of most others were long as well. Where they were not, a long one comes of
    /// acknowledgements that were lost; a connection that was opened into a queue knows no short one of its own.
    /// </summary>
    private static Finding? Queued(Correlation correlation, IReadOnlyCollection<Neighbour> neighbours)
    {
        var (client, server) = (correlation.ClientExchange, correlation.ServerExchange);
        var any = (client ?? server)!;
        if (correlation.Finding.Cause is not (Cause.PathLoss or Cause.SynackLoss or Cause.SilentResponseLoss or Cause.Congestion) || server is { UnackedBytes: > 0 })
            return null;
        var (from, to) = (client?.ConnectStartNs ?? any.FirstNs, Math.Max(client?.LastNs ?? 0, server?.LastNs ?? 0));
        var address = (client?.Local ?? server!.Peer).Address;
        var near = neighbours.Where(neighbour => neighbour is { RttNs: > 0, LeastRttNs: > 0 } && neighbour.Client == address && neighbour.StartNs < to && neighbour.EndNs > from).ToList();
        if (near.Count < FewestToCompare)
            return null;
        var leastNs = neighbours.Where(neighbour => neighbour.Client == address && neighbour.LeastRttNs > 0).Min(neighbour => neighbour.LeastRttNs);
        var limitNs = Math.Max(LatencyRules.LeastQueueNs, LatencyRules.QueueFactor * leastNs);
        var queued = near.Count(neighbour => neighbour.RttNs >= limitNs);
        var isQueue = 2 * queued >= near.Count && Math.Max(client?.RttNs ?? 0, server?.RttNs ?? 0) >= limitNs;
        if (isQueue == (correlation.Finding.Cause == Cause.Congestion))
            return null;
        var others = $"of {Words.Count(near.Count, "request")} beside it {queued} had round trips of {Words.Ms(limitNs)} or more";
        if (isQueue)
            return correlation.Finding with
            {
                Cause = Cause.Congestion,
                Confidence = 0.7,
                Reason = $"{correlation.Finding.Reason} And {others}: a queue on the way ran over.",
            };
        var retransmits = (client?.Retransmits ?? 0) + (server?.Retransmits ?? 0) > 0;
        return correlation.Finding with
        {
            Cause = retransmits ? Cause.PathLoss : Cause.Unknown,
            Confidence = retransmits ? 0.7 : 0.2,
            Reason = $"{correlation.Finding.Reason} But {others}: no queue that all share.",
        };
    }

    private static long SizeOf(Exchange stuck) => Math.Min(SegmentBytes, stuck.IsServer ? stuck.Response.Length : stuck.Request.Length);

    /// <summary>The end whose bytes did not come through, or only after they were sent again and again.</summary>
    private static Exchange? Stuck(Correlation correlation)
    {
        foreach (var exchange in (Exchange?[])[correlation.ServerExchange, correlation.ClientExchange])
            if (exchange is { Retransmits: > 0 } && (exchange.UnackedBytes > 0 || exchange.RepeatedRetransmits > 1))
                return exchange;
        return null;
    }
}
