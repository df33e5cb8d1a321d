using CrossLayer.Actors.Connections;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// One connection among those that had a tuple one after another: its two sockets, as far as they are in sight, and its
/// requests that are not correlated yet.
/// </summary>
internal sealed class ConnectionBirth(int number)
{
    /// <summary>TLS 1.2 shakes hands in two turns; TLS 1.3 in one, or two after a HelloRetryRequest (RFC 5246, RFC 8446).</summary>
    internal const int MostHandshakeTurns = 2;

    private readonly List<ClientTurn> _clientTurns = [];
    private int _shift;

    internal int Number => number;
    internal ulong? ClientCookie { get; private set; }
    internal ulong? ServerCookie { get; private set; }
    internal long ClientHandshakeNs { get; private set; }

    /// <summary>Requests in order of their bytes.</summary>
    internal List<RequestSlot> Slots { get; } = [];

    /// <summary>Its records say that it is encrypted.</summary>
    internal bool IsTls { get; set; }

    /// <summary>Its records say that requests share it (HTTP/2).</summary>
    internal bool IsShared { get; set; }

    /// <summary>It became a tunnel: what follows is no request.</summary>
    internal bool IsTunnel { get; set; }

    internal bool IsClosed { get; private set; }

    internal bool IsIdle => Slots.Count == 0 && _clientTurns.Count == 0;

    internal ulong? CookieOf(bool isServer) => isServer ? ServerCookie : ClientCookie;

    internal void Open(ExchangeOpened opened)
    {
        if (opened.Id.IsServer)
            ServerCookie = opened.Id.SocketCookie;
        else
            (ClientCookie, ClientHandshakeNs) = (opened.Id.SocketCookie, opened.HandshakeNs);

        if (opened.Id.IsServer)
            Slots.Add(new RequestSlot(this, opened.Id, opened.TimeNs, opened.RequestStart, opened.HandshakeNs > 0 ? opened.Id.Ordinal + _shift : 0));
        else
            _clientTurns.Add(new ClientTurn(opened));
    }

    internal void Settle(ExchangeSettled settled)
    {
        IsClosed |= settled.Traced.Exchange.ClosedNs is not null || settled.Traced.Exchange.ConnectError is not null;
        if (settled.Id.IsServer)
        {
            Slots.Find(slot => slot.Id == settled.Id && !slot.IsSettled)?.Settle(settled.Traced);
            return;
        }

        if (_clientTurns.Find(turn => turn.Opened.Id == settled.Id && turn.Traced is null) is not { } own)
            return;
        own.Traced = settled.Traced;
    }

    /// <summary>
    /// Exchanges that only the client's socket shows become requests of their own once they are over: until then the
    /// server may still read them.
    /// </summary>
    internal void AdoptClientTurns()
    {
        for (var i = 0; i < _clientTurns.Count;)
        {
            var turn = _clientTurns[i];
            if (turn.Traced is not { } traced || Slots.Exists(slot => slot.Id.IsServer && slot.OverlapsRequestOf(traced.Exchange)))
            {
                i++;
                continue;
            }

            _clientTurns.RemoveAt(i);
            var slot = new RequestSlot(this, turn.Opened.Id, turn.Opened.TimeNs, turn.Opened.RequestStart,
                ServerCookie is null && turn.Opened.HandshakeNs > 0 ? turn.Opened.Id.Ordinal + _shift : 0);
            slot.Settle(traced);
            var at = Slots.FindIndex(other => other.RequestStart > slot.RequestStart || (other.RequestStart == slot.RequestStart && other.StartNs > slot.StartNs));
            Slots.Insert(at < 0 ? Slots.Count : at, slot);
        }
    }

    /// <summary>True while the client's exchange of a request still goes on.</summary>
    internal bool ClientGoesOn(RequestSlot slot) => slot.Traced is { } traced && _clientTurns.Exists(turn =>
        turn.Traced is null && turn.Opened.RequestStart < Math.Max(traced.Exchange.Request.End, traced.Exchange.Request.Start + 1));

    /// <summary>The client's view of a request that the server's socket shows: the same bytes, cut out of its own exchanges.</summary>
    internal TracedExchange? ClientViewOf(Exchange server)
    {
        TracedExchange? joined = null;
        foreach (var turn in _clientTurns)
            if (turn.Traced is { } traced && Touches(traced.Exchange, server))
                joined = joined?.Join(traced) ?? traced;
        if (joined is null)
            return null;
        var (request, response) = (Clip(joined.Exchange.Request, server.Request), Clip(joined.Exchange.Response, server.Response));
        return joined.Cut(request, response,
            isFirst: request.Start == joined.Exchange.Request.Start && response.Start == joined.Exchange.Response.Start,
            isLast: request.End == joined.Exchange.Request.End && response.End == joined.Exchange.Response.End);
    }

    /// <summary>Puts other requests in the place of some that follow each other.</summary>
    internal IReadOnlyList<RequestSlot> Replace(int first, int count, IReadOnlyList<(ByteRange Request, ByteRange Response)> parts)
    {
        var old = Slots.GetRange(first, count);
        var joined = old.Select(slot => slot.Traced!).Aggregate((one, next) => one.Join(next));
        var slots = new List<RequestSlot>();
        for (var i = 0; i < parts.Count; i++)
        {
            var ordinal = old[0].Ordinal == 0 ? 0 : old[0].Ordinal + i;
            var slot = new RequestSlot(this, old[0].Id with { Ordinal = old[0].Id.Ordinal + i }, old[0].StartNs, parts[i].Request.Start, ordinal);
            slot.Settle(joined.Cut(parts[i].Request, parts[i].Response, i == 0, i == parts.Count - 1));
            slots.Add(slot);
        }

        Slots.RemoveRange(first, count);
        Slots.InsertRange(first, slots);
        _shift += slots.Count - count;
        foreach (var later in Slots.Skip(first + slots.Count).Where(later => later.Ordinal > 0))
            later.Ordinal += slots.Count - count;
        return slots;
    }

    /// <summary>Takes out a request, and of the client's exchanges what lies before its end.</summary>
    internal void Remove(RequestSlot slot)
    {
        Slots.Remove(slot);
        if (!slot.Id.IsServer || slot.Traced is not { } traced)
            return;
        _clientTurns.RemoveAll(turn => turn.Traced is { } client && client.Exchange.Request.End <= traced.Exchange.Request.End
            && client.Exchange.Response.End <= traced.Exchange.Response.End);
    }

    private static bool Touches(Exchange client, Exchange server) =>
        client.Request.Start == server.Request.Start || Overlap(client.Request, server.Request) || Overlap(client.Response, server.Response);

    private static bool Overlap(ByteRange one, ByteRange other) => Math.Max(one.Start, other.Start) < Math.Min(one.End, other.End);

    private static ByteRange Clip(ByteRange range, ByteRange to)
    {
        var start = Math.Clamp(to.Start, range.Start, range.End);
        return new ByteRange(start, Math.Clamp(to.End, start, range.End));
    }

    private sealed class ClientTurn(ExchangeOpened opened)
    {
        internal ExchangeOpened Opened => opened;
        internal TracedExchange? Traced { get; set; }
    }
}
