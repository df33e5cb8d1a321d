using CrossLayer.Probe;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Kernel-only: of the segments that an end of the connection sent since the request began, the share that was sent again; the
/// higher one of both ends. By what the socket counts: bytes written, segments retransmitted.
/// </summary>
internal sealed class RetransmitRatioDetector : KernelDetector
{
    /// <summary>What an end sends at least where nothing is known of the path (RFC 9293, 3.7.1).</summary>
    private const uint DefaultMss = 536;

    /// <inheritdoc/>
    public override string Name => "retransmit_ratio";

    /// <inheritdoc/>
    protected override IEnumerable<Sign> Watch(RequestEvents request)
    {
        var sockets = new Dictionary<ulong, Counts>();
        foreach (var dated in request.During)
        {
            if (dated.Event.SocketCookie == 0)
                continue;
            var now = sockets.GetValueOrDefault(dated.Event.SocketCookie).Then(in dated.Event);
            sockets[dated.Event.SocketCookie] = now;
            yield return new Sign(now.Ratio(request.Before.TryGetValue(dated.Event.SocketCookie, out var before) ? before.Event : null), dated.UnixNs);
        }
    }

    /// <summary>What a socket has counted: events may overtake each other, and one of a half-open connection tells no counts.</summary>
    private readonly record struct Counts(ulong Written, uint Retransmitted, uint Synacks, uint Mss)
    {
        internal Counts Then(in KernelEvent e) => new(
            Math.Max(Written, e.Written),
            Math.Max(Retransmitted, e.TotalRetrans),
            Synacks + (e.Type == KernelEventType.SynackRetransmit ? 1u : 0u),
            Math.Max(Mss, e.Mss));

        internal double Ratio(KernelEvent? before)
        {
            // The accepted socket counts the SYN-ACKs that were sent again before it was there.
            var again = Math.Max(Math.Max(Retransmitted, Synacks), before?.TotalRetrans ?? 0) - (before?.TotalRetrans ?? 0);
            var bytes = Math.Max(Written, before?.Written ?? 0) - (before?.Written ?? 0);
            var mss = Mss > 0 ? Mss : DefaultMss;
            // Before anything was seen of it, it sent a SYN or a SYN-ACK.
            var first = ((bytes + mss - 1) / mss) + (before is null ? 1u : 0u);
            return again == 0 ? 0 : again / (double)(first + again);
        }
    }
}
