using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Hosts;

/// <summary>
/// How far a server's clock is ahead of a client's, learned from the requests between their hosts: each whose ends are both known
/// bounds it. Plain state.
/// </summary>
public sealed class HostPairClock
{
    private const int MostBounds = 256;
    private const long RenewNs = 1_000_000_000;

    private readonly Queue<ClockBound> _bounds = [];
    private PeerClock? _clock;
    private long _madeNs = long.MinValue;

    /// <summary>What is known by now; null while nothing bounds it from both sides.</summary>
    public PeerClock? Clock => _clock;

    /// <summary>By how much times of a request's client are to be moved on to be the server's, and how surely: nanoseconds.</summary>
    /// <param name="client">What the client's kernel saw of it, if anything.</param>
    /// <param name="server">What the server's kernel saw.</param>
    /// <returns>The difference, and how far it may be off; null for the error where only one side bounds it, and null for all where none does.</returns>
    public (long AheadNs, long? ErrorNs)? Learn(Exchange? client, Exchange? server)
    {
        var own = Bound(client, server);
        if (own is { } bound)
            Add(bound);
        if (_clock is null)
            return (own?.MostNs ?? own?.LeastNs) is { } edge ? (edge, null) : null;
        var (ahead, error) = _clock.At(server?.FirstNs ?? long.MaxValue);
        // A request's own causes come before its own effects, whatever others tell.
        if (own is { } sure && !(sure.LeastNs > sure.MostNs))
            ahead = Math.Max(sure.LeastNs ?? ahead, Math.Min(sure.MostNs ?? ahead, ahead));
        return (ahead, error);
    }

    /// <summary>
    /// What the two ends of one request say. The client was connected before the server was; the server had read the request before
    /// the client read the response (<see cref="ClockCrossings"/>).
    /// </summary>
    internal static ClockBound? Bound(Exchange? client, Exchange? server)
    {
        if (client is null || server is null)
            return null;
        var most = client.ConnectError is null ? server.ConnectEndNs - client.ConnectEndNs : null;
        var read = server.RequestStartNs;
        var least = read <= server.ResponseStartNs ? read - client.ResponseStartNs : null;
        return most is null && least is null ? null : new ClockBound(server.FirstNs, least, most);
    }

    private void Add(ClockBound bound)
    {
        _bounds.Enqueue(bound);
        if (_bounds.Count > MostBounds)
            _bounds.Dequeue();
        if (_clock is not null && bound.AtNs - _madeNs < RenewNs && Fits(bound))
            return;
        _clock = PeerClock.From([.. _bounds]) ?? _clock;
        _madeNs = bound.AtNs;
    }

    private bool Fits(ClockBound bound)
    {
        var (ahead, error) = _clock!.At(bound.AtNs);
        return !(bound.LeastNs > ahead + error) && !(bound.MostNs < ahead - error);
    }
}
