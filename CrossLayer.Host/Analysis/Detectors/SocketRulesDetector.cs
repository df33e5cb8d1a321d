using CrossLayer.Actors.Correlations;

namespace CrossLayer.Host.Analysis.Detectors;

/// <summary>
/// Kernel-only, in the manner of SNAP (Yu et al., Profiling Network Performance for Multi-Tier Data Center Applications, NSDI 2011):
/// rules over the sockets' own counters say what holds a connection up: the receiver's window, the send buffer, timeouts, fast
/// retransmissions, delayed acknowledgements; and, since requests fail as well, that connecting or listening fails, that nothing was
/// acknowledged, or that a socket has an error. The score is the sum of the rules' weights, of each the higher one of both ends.
/// </summary>
internal sealed class SocketRulesDetector : KernelDetector
{
    private static readonly SocketRule[] Rules = Enum.GetValues<SocketRule>();

    /// <inheritdoc/>
    public override string Name => "socket_rules";

    /// <inheritdoc/>
    protected override IEnumerable<Sign> Watch(RequestEvents request)
    {
        var sockets = new Dictionary<ulong, SocketRules>();
        foreach (var dated in request.During)
        {
            if (dated.Event.SocketCookie == 0)
                continue;
            if (!sockets.TryGetValue(dated.Event.SocketCookie, out var socket))
            {
                socket = new SocketRules(request.FromUnixNs, request.Before.TryGetValue(dated.Event.SocketCookie, out var before) ? before.Event : null);
                sockets.Add(dated.Event.SocketCookie, socket);
            }

            socket.Apply(in dated);
            yield return Weigh(sockets.Values, dated.UnixNs);
        }
    }

    private static Sign Weigh(Dictionary<ulong, SocketRules>.ValueCollection sockets, long atUnixNs)
    {
        var (score, highest, cause) = (0.0, 0.0, default(Cause?));
        foreach (var rule in Rules)
        {
            var weight = 0.0;
            foreach (var socket in sockets)
            {
                weight = Math.Max(weight, socket[rule]);
                if (socket[rule] > highest)
                    (highest, cause) = (socket[rule], socket.CauseOf(rule));
            }

            score += weight;
        }

        return new Sign(score, atUnixNs, cause);
    }
}
