using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// The exchanges at the client's socket of a connection, in order of their bytes. They are not requests themselves while
/// the server's socket shows these: the client may see several as one (pipelining).
/// </summary>
internal sealed class ClientTurns
{
    private readonly List<(ExchangeOpened Opened, TracedExchange? Traced)> _turns = [];

    internal bool IsEmpty => _turns.Count == 0;

    /// <summary>Where the request of the first exchange that goes on begins; <see cref="long.MaxValue"/> if none does.</summary>
    internal long FirstOpenStart { get; private set; } = long.MaxValue;

    internal void Open(ExchangeOpened opened)
    {
        _turns.Add((opened, null));
        FirstOpenStart = Math.Min(FirstOpenStart, opened.RequestStart);
    }

    /// <summary>False if the exchange is not known, or was settled before.</summary>
    internal bool Settle(ExchangeSettled settled)
    {
        var at = _turns.Count - 1;
        while (at >= 0 && (_turns[at].Traced is not null || _turns[at].Opened.Id != settled.Id))
            at--;
        if (at < 0)
            return false;
        _turns[at] = (_turns[at].Opened, settled.Traced);
        if (_turns[at].Opened.RequestStart > FirstOpenStart)
            return true;
        var next = _turns.FindIndex(at, turn => turn.Traced is null);
        FirstOpenStart = next < 0 ? long.MaxValue : _turns[next].Opened.RequestStart;
        return true;
    }

    internal IEnumerable<ExchangeId> SettledIds() => [.. _turns.Where(turn => turn.Traced is not null).Select(turn => turn.Opened.Id)];

    internal (ExchangeOpened Opened, TracedExchange Traced) Take(ExchangeId id)
    {
        var at = _turns.FindIndex(turn => turn.Opened.Id == id);
        var (opened, traced) = _turns[at];
        _turns.RemoveAt(at);
        return (opened, traced!);
    }

    internal void Return(ExchangeOpened opened, TracedExchange traced) =>
        _turns.Insert(_turns.FindLastIndex(turn => turn.Opened.RequestStart <= opened.RequestStart) + 1, (opened, traced));

    /// <summary>The settled exchanges that share bytes with one at the server's socket, as one; null if there is none.</summary>
    internal TracedExchange? Joined(Exchange server)
    {
        TracedExchange? joined = null;
        for (var i = FirstTouching(server); i < _turns.Count && !IsBehind(_turns[i].Opened, server); i++)
            if (_turns[i].Traced is { } traced && Touches(traced.Exchange, server))
                joined = joined?.Join(traced) ?? traced;
        return joined;
    }

    /// <summary>The last event of the exchanges that share bytes with one at the server's socket; 0 if there is none.</summary>
    internal long LastNs(Exchange server)
    {
        var last = 0L;
        for (var i = FirstTouching(server); i < _turns.Count && !IsBehind(_turns[i].Opened, server); i++)
            if (_turns[i].Traced is { } traced && Touches(traced.Exchange, server))
                last = Math.Max(last, traced.Exchange.LastNs);
        return last;
    }

    /// <summary>Forgets what lies before both ends.</summary>
    internal void RemoveUntil(long requestEnd, long responseEnd)
    {
        var count = 0;
        while (count < _turns.Count && _turns[count].Traced is { } traced && traced.Exchange.Request.End <= requestEnd && traced.Exchange.Response.End <= responseEnd)
            count++;
        _turns.RemoveRange(0, count);
    }

    /// <summary>The first turn that may share bytes: turns are in order of their request's start.</summary>
    private int FirstTouching(Exchange server)
    {
        var (low, high) = (0, _turns.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_turns[middle].Opened.RequestStart < server.Request.Start)
                low = middle + 1;
            else
                high = middle;
        }

        // The one before may reach into it, and one whose response was read late.
        return Math.Max(0, low - 2);
    }

    private static bool IsBehind(ExchangeOpened opened, Exchange server) => opened.RequestStart > Math.Max(server.Request.End, server.Request.Start);

    private static bool Touches(Exchange client, Exchange server) =>
        client.Request.Start == server.Request.Start || Overlap(client.Request, server.Request) || Overlap(client.Response, server.Response);

    private static bool Overlap(ByteRange one, ByteRange other) => Math.Max(one.Start, other.Start) < Math.Min(one.End, other.End);
}
