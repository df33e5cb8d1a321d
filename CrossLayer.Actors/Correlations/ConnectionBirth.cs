using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// One connection among those that had a tuple one after another: its two sockets, as far as they are in sight, and its
/// requests that are not correlated yet.
/// </summary>
internal sealed class ConnectionBirth(int number)
{
    /// <summary>TLS 1.2 shakes hands in two turns; TLS 1.3 in one, or two after a HelloRetryRequest (RFC 5246, RFC 8446).</summary>
    internal const int MostHandshakeTurns = 2;

    private readonly ClientTurns _client = new();
    private readonly ClockRecord _clientClock = new();
    private readonly ClockRecord _serverClock = new();
    private (long Request, long Response) _done;
    private int _shift;
    private readonly SortedSet<int> _shortTurns = [];
    private long _furthestStart;
    private long _orderedTo = -1;
    private bool _hasAdopted; // ever

    internal int Number => number;
    internal ulong? ClientCookie { get; private set; }
    internal ulong? ServerCookie { get; private set; }

    /// <summary>When the handshake ended at the socket that was seen first; 0 if that was not seen.</summary>
    internal long HandshakeNs { get; private set; }

    /// <summary>Requests in order of their bytes.</summary>
    internal List<RequestSlot> Slots { get; } = [];

    /// <summary>The place of its last request so far; 0 if it was not seen from its start.</summary>
    internal int LastOrdinal { get; private set; }

    /// <summary>How many of them are held.</summary>
    internal int Held { get; set; }

    /// <summary>Which places on it are certain.</summary>
    internal Places Places { get; } = new();

    /// <summary>Up to here the client's stream is made up of requests whose records have just their bytes.</summary>
    internal long AccountedTo { get; private set; }

    /// <summary>Its records say that it is encrypted.</summary>
    internal bool IsTls { get; set; }

    /// <summary>How many of its turns were the TLS handshake's; null while that is not known.</summary>
    internal int? HandshakeTurns { get; set; }

    /// <summary>
    /// More requests than can be held had several records that fitted: order alone proves nothing until no record waits, or one is told apart
    /// by a clock that has been good for it (<see cref="ClockOf"/>).
    /// </summary>
    internal bool IsAdrift { get; private set; }

    /// <summary>Its records say that requests share it (HTTP/2).</summary>
    internal bool IsShared { get; set; }

    /// <summary>It became a tunnel: what follows is no request.</summary>
    internal bool IsTunnel { get; set; }

    internal bool IsClosed { get; private set; }

    internal bool IsIdle => Slots.Count == 0 && _client.IsEmpty;

    /// <summary>How good the clock of an end's records is here.</summary>
    internal ClockRecord ClockOf(RequestRole role) => role == RequestRole.Server ? _serverClock : _clientClock;

    /// <summary>A request is let go that several records fitted: what follows may have one too many, or too few.</summary>
    internal void LoseOrder(RequestSlot slot) => IsAdrift |= slot.RequestStart > _orderedTo;

    /// <summary>It is certain where a request stands among the records.</summary>
    internal void FindOrder(RequestSlot slot)
    {
        if (IsAdrift)
            (IsAdrift, _orderedTo) = (false, slot.RequestStart);
    }

    /// <summary>A request is decided: its record tells how good that end's clock is, unless others fitted the request.</summary>
    internal void JudgeClocks(RequestSlot slot, MatchedRecord? matched)
    {
        if (slot.IsContested)
        {
            _clientClock.Doubt();
            _serverClock.Doubt();
        }
        else if (matched is { Record: { Record.Role: var role } record })
            ClockOf(role).Learn(slot.ToTurn(role == RequestRole.Server), record.EndNs);
    }

    internal ulong? CookieOf(bool isServer) => isServer ? ServerCookie : ClientCookie;

    internal void Open(ExchangeOpened opened)
    {
        if (opened.Id.IsServer)
        {
            (ServerCookie, HandshakeNs) = (opened.Id.SocketCookie, HandshakeNs > 0 ? HandshakeNs : opened.HandshakeNs);
            _furthestStart = Math.Max(_furthestStart, opened.RequestStart);
            if (_hasAdopted)
                ReturnAdopted(opened);
            Slots.Add(new RequestSlot(this, opened.Id, opened.TimeNs, opened.RequestStart, opened.IsCounted ? opened.Id.Ordinal + _shift : 0));
            LastOrdinal = Math.Max(LastOrdinal, Slots[^1].Ordinal);
        }
        else
        {
            (ClientCookie, HandshakeNs) = (opened.Id.SocketCookie, HandshakeNs > 0 ? HandshakeNs : opened.HandshakeNs);
            _client.Open(opened);
        }
    }

    /// <summary>Takes in the end of an exchange; returns the requests whose end it may be.</summary>
    internal IEnumerable<RequestSlot> Settle(ExchangeSettled settled)
    {
        IsClosed |= settled.Traced.Exchange.ClosedNs is not null || settled.Traced.Exchange.ConnectError is not null;
        if (settled.Id.IsServer)
        {
            var own = Unsettled(settled.Id);
            own?.Settle(settled.Traced);
            NoteShort(own);
            return own is null ? [] : [own];
        }

        var waitedFor = _client.FirstOpenStart;
        if (!_client.Settle(settled))
            return [];
        var exchange = settled.Traced.Exchange;
        var touched = new List<RequestSlot>();
        for (var i = Slots.Count - 1; i >= 0; i--)
        {
            if (Slots[i].Id.IsServer && Slots[i].OverlapsRequestOf(exchange))
                touched.Add(Slots[i]);
            else if (Slots[i].RequestStart < exchange.Request.Start)
                break;
        }

        if (touched.Count == 0)
            touched.AddRange(Adopt(settled.Id));
        // Where events were lost, what waited for it may have none of its bytes.
        for (var i = Slots.Count - 1; _client.FirstOpenStart != waitedFor && i >= 0 && MayWaitFor(Slots[i], waitedFor); i--)
            if (Slots[i].IsSettled)
                touched.Add(Slots[i]);
        return touched;
    }

    private RequestSlot? Unsettled(ExchangeId id)
    {
        for (var i = Slots.Count - 1; i >= 0; i--)
            if (!Slots[i].IsSettled && Slots[i].Id == id)
                return Slots[i];
        return null;
    }

    private static bool MayWaitFor(RequestSlot slot, long requestStart) =>
        slot.Traced is not { Exchange.Request: var request } || Math.Max(request.End, request.Start + 1) > requestStart;

    /// <summary>What the server's socket never showed is left at the client's when the connection is over: requests of their own.</summary>
    internal IEnumerable<RequestSlot> AdoptLeftovers() =>
        IsClosed && Slots.Count == 0 ? [.. _client.SettledIds().SelectMany(Adopt)] : [];

    /// <summary>True while the client's exchange of a request still goes on.</summary>
    internal bool ClientGoesOn(RequestSlot slot) => slot is { IsSettled: true, Id.IsServer: true } && MayWaitFor(slot, _client.FirstOpenStart);

    /// <summary>The last event of the client's exchanges that share bytes with a request.</summary>
    internal long ClientLastNs(RequestSlot slot) => slot.Id.IsServer ? _client.LastNs(slot.Traced!.Exchange) : 0;

    /// <summary>The client's view of a request that the server's socket shows: the same bytes, cut out of its own exchanges.</summary>
    internal TracedExchange? ClientViewOf(Exchange server)
    {
        if (_client.Joined(server) is not { } joined)
            return null;
        var (request, response) = (Clip(joined.Exchange.Request, server.Request), Clip(joined.Exchange.Response, server.Response));
        // The server never read the rest: it is this request's all the same.
        if (_furthestStart < server.Request.End || _furthestStart <= server.Request.Start)
            (request, response) = (request with { End = joined.Exchange.Request.End }, response with { End = joined.Exchange.Response.End });
        return joined.Cut(request, response,
            isFirst: request.Start == joined.Exchange.Request.Start && response.Start == joined.Exchange.Response.Start,
            isLast: request.End == joined.Exchange.Request.End && response.End == joined.Exchange.Response.End);
    }

    /// <summary>A turn up to a place may have been part of a request: its response was as short as an interim one, or missing. Those of a handshake do not count.</summary>
    internal bool HasShortTurnUntil(int ordinal) => _shortTurns.Any(turn => turn <= ordinal && !(IsTls && turn <= (HandshakeTurns ?? MostHandshakeTurns)));

    /// <summary>Only the first few matter: places after them are as doubtful.</summary>
    private void NoteShort(RequestSlot? slot)
    {
        if (slot is not { Ordinal: > 0, Traced.Exchange.Response.Length: <= Alignment.MostInterimBytes })
            return;
        _shortTurns.Add(slot.Ordinal);
        if (_shortTurns.Count > MostHandshakeTurns + 1)
            _shortTurns.Remove(_shortTurns.Max);
    }

    /// <summary>Puts other requests in the place of some that follow each other.</summary>
    internal IReadOnlyList<RequestSlot> Replace(int first, int count, IReadOnlyList<(ByteRange Request, ByteRange Response)> parts)
    {
        var old = Slots.GetRange(first, count);
        if (parts.Count != count)
            Places.Shift(old[0].Ordinal);
        var joined = old.Select(slot => slot.Traced!).Aggregate((one, next) => one.Join(next));
        var slots = new List<RequestSlot>();
        for (var i = 0; i < parts.Count; i++)
        {
            var ordinal = old[0].Ordinal == 0 ? 0 : old[0].Ordinal + i;
            var slot = new RequestSlot(this, old[0].Id with { Ordinal = old[0].Id.Ordinal + i }, old[0].StartNs, parts[i].Request.Start, ordinal);
            slot.Settle(joined.Cut(parts[i].Request, parts[i].Response, i == 0, i == parts.Count - 1));
            slots.Add(slot);
            _furthestStart = Math.Max(_furthestStart, slot.RequestStart);
        }

        foreach (var slot in old)
        {
            slot.IsGone = true;
            Held -= slot.IsHeld ? 1 : 0;
        }

        Slots.RemoveRange(first, count);
        Slots.InsertRange(first, slots);
        _shift += slots.Count - count;
        foreach (var later in Slots.Skip(first + slots.Count).Where(later => later.Ordinal > 0))
            later.Ordinal += slots.Count - count;
        return slots;
    }

    /// <summary>A request has its records: where it ends is known if they have its bytes, or if it began where that is known.</summary>
    internal void Account(RequestSlot slot)
    {
        if (!slot.Id.IsServer || slot.Traced is not { Exchange: var exchange })
            return;
        foreach (var matched in new[] { slot.ServerRecord, slot.ClientRecord })
            if (matched?.Record.Record is { RequestBytes: { } request } record
                && ((request == exchange.Request.Length && record.ResponseBytes == exchange.Response.Length)
                    || (request < exchange.Request.Length && exchange.Request.Start == AccountedTo)))
                AccountedTo = Math.Max(AccountedTo, exchange.Request.End);
    }

    /// <summary>Takes out a request, and of the client's exchanges what lies before its end.</summary>
    internal void Remove(RequestSlot slot)
    {
        slot.IsGone = true;
        Held -= slot.IsHeld ? 1 : 0;
        Slots.Remove(slot);
        if (!slot.Id.IsServer || slot.Traced is not { } traced)
            return;
        var client = slot.ClientView?.Exchange;
        _done = (Math.Max(_done.Request, Math.Max(traced.Exchange.Request.End, client?.Request.End ?? 0)),
            Math.Max(_done.Response, Math.Max(traced.Exchange.Response.End, client?.Response.End ?? 0)));
        // One that is held may still have its view cut out of them.
        if (Slots.Count == 0 || Slots[0].RequestStart >= _done.Request)
            _client.RemoveUntil(_done.Request, _done.Response);
    }

    /// <summary>The server reads a request late, whose exchange is over at the client: it is the server's after all.</summary>
    private void ReturnAdopted(ExchangeOpened server)
    {
        if (Slots.Find(slot => slot.ClientOpened is not null && slot.Traced!.Exchange.Request.Contains(server.RequestStart)) is not { } adopted)
            return;
        adopted.IsGone = true;
        Held -= adopted.IsHeld ? 1 : 0;
        Slots.Remove(adopted);
        _client.Return(adopted.ClientOpened!, adopted.Traced!);
    }

    private RequestSlot[] Adopt(ExchangeId id)
    {
        _hasAdopted = true;
        var (opened, traced) = _client.Take(id);
        var ordinal = ServerCookie is null && opened.IsCounted ? id.Ordinal + _shift : 0;
        var slot = new RequestSlot(this, id, opened.TimeNs, opened.RequestStart, ordinal) { ClientOpened = opened };
        slot.Settle(traced);
        NoteShort(slot);
        LastOrdinal = Math.Max(LastOrdinal, ordinal);
        var at = Slots.FindLastIndex(other => other.RequestStart <= slot.RequestStart);
        Slots.Insert(at + 1, slot);
        return [slot];
    }

    private static ByteRange Clip(ByteRange range, ByteRange to)
    {
        var start = Math.Clamp(to.Start, range.Start, range.End);
        return new ByteRange(start, Math.Clamp(to.End, start, range.End));
    }
}
