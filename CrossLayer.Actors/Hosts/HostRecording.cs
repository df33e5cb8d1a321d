using CrossLayer.Actors.Requests;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Hosts;

/// <summary>What was recorded on one host.</summary>
/// <param name="Events">Its kernel events, each with its time in nanoseconds since the Unix epoch, 0 if unknown; can be enumerated several times.</param>
/// <param name="Sources">Its applications' records.</param>
public sealed record HostRecording(IEnumerable<(KernelEvent Event, long UnixNs)> Events, IReadOnlyList<RecordSource> Sources)
{
    /// <summary>How far its clock is ahead of that on which the graph runs.</summary>
    public PeerClock Clock { get; init; } = PeerClock.Same;

    /// <summary>Tells its network namespaces from those of other hosts, which count them from the same number on: below <see cref="MostHosts"/>.</summary>
    public int Number { get; init; }

    /// <summary>So many hosts can be told apart, and their namespaces' cookies are still whole numbers in JSON (2^53).</summary>
    public const int MostHosts = 32;

    private const int NumberShift = 48;

    /// <summary>The events on the graph's clock, and with namespaces of their own.</summary>
    internal IEnumerable<KernelEvent> Translated()
    {
        foreach (var (recorded, _) in Events)
        {
            var e = recorded;
            e.TimestampNs = (ulong)Clock.ToOurs((long)e.TimestampNs);
            if (e.SinceNs != 0)
                e.SinceNs = (ulong)Clock.ToOurs((long)e.SinceNs);
            e.NetnsCookie |= (ulong)Number << NumberShift;
            yield return e;
        }
    }

    /// <summary>Aligns the clocks of two hosts by the traffic between them.</summary>
    /// <param name="own">The host whose clock the graph is to run on.</param>
    /// <param name="peer">The other.</param>
    /// <returns>The peer's, with its clock and a number of its own; null if no connection between the two was seen to begin at both.</returns>
    public static HostRecording? Align(HostRecording own, HostRecording peer)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(peer);
        var crossings = new ClockCrossings();
        // Side by side, so that what is remembered of a connection is not pushed out by all the others of one host.
        using var peers = peer.Events.GetEnumerator();
        foreach (var (e, _) in own.Events)
        {
            crossings.Add(in e, atPeer: false);
            AddNext();
        }

        while (AddNext())
        {
            // What is left of the longer one.
        }

        return PeerClock.From(crossings.Bounds) is { } clock ? peer with { Clock = clock, Number = own.Number + 1 } : null;

        bool AddNext()
        {
            if (!peers.MoveNext())
                return false;
            var (e, _) = peers.Current;
            crossings.Add(in e, atPeer: true);
            return true;
        }
    }
}
