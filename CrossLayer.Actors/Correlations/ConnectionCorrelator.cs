using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// The windows of one tuple: gathers exchanges and records, decides which belong together when a request is due, and says
/// when its window closes. Plain state without a clock: what it does depends on event time alone, so that the same input
/// gives the same windows however it was cut.
/// </summary>
/// <remarks>
/// A request is due a settle time and the records' lateness after its last event: by then its record is here. One that
/// nobody reports yet is held, since a record may span it and the next (100-continue, a tunnel); it is let go when a
/// later request of the connection is reported, or the connection is over.
/// </remarks>
public sealed class ConnectionCorrelator
{
    private const int MostHeld = 16;

    private readonly List<ConnectionBirth> _births = [];
    private readonly RecordQueue _records;
    private readonly RequestPlacer _placer;
    private readonly long _dueNs;
    private readonly long _settleNs;
    private readonly long _latenessNs;
    private readonly long _patienceNs;
    private int _nextBirth;
    private int _nextWindow;

    /// <summary>A connection without windows.</summary>
    public ConnectionCorrelator(CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settleNs = (long)settings.Settle.TotalNanoseconds;
        _latenessNs = (long)settings.Lateness.TotalNanoseconds;
        _patienceNs = (long)settings.Patience.TotalNanoseconds;
        _dueNs = _settleNs + _latenessNs;
        _records = new RecordQueue(settings.MaxWindowsPerConnection, _latenessNs);
        _placer = new RequestPlacer(_records, (long)settings.ClockTolerance.TotalNanoseconds);
    }

    /// <summary>Records that came when as many as allowed waited; they are not correlated.</summary>
    public long Rejected => _records.Rejected;

    /// <summary>Records that came later than the lateness allows: their request may have been decided without them.</summary>
    public long Late => _records.Late;

    /// <summary>The next time at which something is due; <see cref="long.MaxValue"/> if nothing waits.</summary>
    public long NextDeadlineNs => NextDeadline(holdUntilNs: long.MaxValue);

    /// <summary>True if nothing waits.</summary>
    public bool IsIdle => _records.All.Count == 0 && _births.TrueForAll(birth => birth.IsIdle);

    /// <summary>Takes in records and facts up to a watermark and fires every deadline up to it, in order of event time.</summary>
    /// <param name="records">New records, in any order.</param>
    /// <param name="facts">New facts, none later than the watermark.</param>
    /// <param name="watermarkNs">Everything up to here is known.</param>
    /// <param name="coverage">What the kernel's evidence covers, and who reports.</param>
    /// <param name="emit">Receives each window's number and what happens to it.</param>
    public void Process(IEnumerable<TimedRecord> records, IEnumerable<ConnectionFact> facts, long watermarkNs,
        Coverage coverage, Action<int, WindowMessage> emit)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(emit);

        foreach (var record in records)
            _records.Add(record, watermarkNs);
        foreach (var fact in facts.OrderBy(fact => fact.TimeNs).ThenBy(Rank))
        {
            FireUntil(fact.TimeNs - 1, coverage, emit);
            Accept(fact);
        }

        FireUntil(watermarkNs, coverage, emit);
    }

    /// <summary>Equal times: the client's before the server's, an opening before an ending.</summary>
    private static (bool, int, bool) Rank(ConnectionFact fact) => fact switch
    {
        ExchangeOpened opened => (opened.Id.IsServer, opened.Id.Ordinal, false),
        ExchangeSettled settled => (settled.Id.IsServer, settled.Id.Ordinal, true),
        _ => throw new ArgumentException($"unknown fact {fact}", nameof(fact)),
    };

    private void Accept(ConnectionFact fact)
    {
        switch (fact)
        {
            case ExchangeOpened opened:
                BirthFor(opened).Open(opened);
                break;
            case ExchangeSettled settled:
                if (_births.Find(birth => birth.CookieOf(settled.Id.IsServer) == settled.Id.SocketCookie) is not { } own)
                    break;
                own.Settle(settled);
                own.AdoptClientTurns();
                break;
        }
    }

    /// <summary>
    /// The socket's connection. A server's socket belongs to the last client's whose handshake ended before its own: with
    /// a port used again, several may wait.
    /// </summary>
    private ConnectionBirth BirthFor(ExchangeOpened opened)
    {
        if (_births.Find(birth => birth.CookieOf(opened.Id.IsServer) == opened.Id.SocketCookie) is { } known)
            return known;
        if (opened.Id.IsServer && _births.FindLast(birth => birth.ServerCookie is null
                && (opened.HandshakeNs == 0 || birth.ClientHandshakeNs <= opened.HandshakeNs)) is { } other)
            return other;
        var added = new ConnectionBirth(_nextBirth++);
        _births.Add(added);
        return added;
    }

    private long NextDeadline(long holdUntilNs)
    {
        var next = long.MaxValue;
        foreach (var birth in _births)
            foreach (var slot in birth.Slots)
                if (DeadlineNs(slot) is var due && (!slot.IsHeld || due <= holdUntilNs))
                    next = Math.Min(next, due);
        foreach (var waiting in _records.All)
            next = Math.Min(next, DeadlineNs(waiting));
        return next;
    }

    private long DeadlineNs(RequestSlot slot)
    {
        if (slot.AgainNs > 0)
            return slot.AgainNs;
        return !slot.IsSettled || slot.Birth.ClientGoesOn(slot) ? long.MaxValue : slot.LastNs + _dueNs;
    }

    /// <summary>A record waits for as long as a request that it may belong to goes on.</summary>
    private long DeadlineNs(WaitingRecord waiting)
    {
        if (waiting.Record is not { StartNs: { } start, EndNs: { } end })
            return long.MaxValue;
        foreach (var birth in _births)
            foreach (var slot in birth.Slots)
                if (!slot.IsHeld && slot.StartNs <= end && slot.LastNs >= start)
                    return long.MaxValue;
        return end + _dueNs + _settleNs;
    }

    private void FireUntil(long timeNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        // At the end of all input nothing is held for longer than there is evidence.
        var holdUntilNs = timeNs == long.MaxValue ? coverage.EndNs : long.MaxValue;
        for (var due = NextDeadline(holdUntilNs); due <= timeNs && due != long.MaxValue; due = NextDeadline(holdUntilNs))
            Fire(due, coverage, emit);
        if (timeNs != long.MaxValue)
            return;
        foreach (var waiting in _records.All.Where(waiting => waiting.Record.Record.SharesConnection).ToList())
            CloseShared(waiting, timeNs, coverage, emit);
        while (_births.Find(birth => birth.Slots.Exists(slot => slot.IsSettled)) is { } birth)
            Decide(birth.Slots.Find(slot => slot.IsSettled)!, timeNs, coverage, emit, mayHold: false);
        while (_records.All.Count > 0)
            GiveUp(_records.All[0], timeNs, coverage, emit);
    }

    private void Fire(long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        foreach (var slot in _births.SelectMany(birth => birth.Slots).Where(slot => DeadlineNs(slot) <= nowNs).OrderBy(slot => slot.StartNs).ToList())
            if (slot.Birth.Slots.Contains(slot))
                Decide(slot, nowNs, coverage, emit, mayHold: true);
        foreach (var waiting in _records.All.Where(waiting => DeadlineNs(waiting) <= nowNs).ToList())
            if (_records.Contains(waiting))
                LastChance(waiting, nowNs, coverage, emit);
        _births.RemoveAll(birth => birth.IsIdle && birth.IsClosed);
    }

    private void Decide(RequestSlot slot, long nowNs, Coverage coverage, Action<int, WindowMessage> emit, bool mayHold)
    {
        var birth = slot.Birth;
        foreach (var other in birth.Slots.Where(other => other is { IsSettled: true, Id.IsServer: true }))
            other.ClientView ??= birth.ClientViewOf(other.Traced!.Exchange);
        if (birth.IsTunnel)
        {
            Close(slot, null, null, nowNs, coverage, emit);
            return;
        }

        if (mayHold && !slot.IsHeld && slot.AgainNs == 0 && _placer.NeighboursDueNs(slot, _births, nowNs, DeadlineNs) is var again && again > nowNs)
        {
            slot.AgainNs = Math.Min(again, nowNs + _settleNs);
            return;
        }

        if (!slot.IsHeld)
            slot.AgainNs = 0;
        var placed = _placer.Place(slot, _births, nowNs);
        if (placed.IsShared)
            birth.IsShared = true;
        if (placed.Claims.Count > 0)
        {
            Claimed(placed, nowNs, coverage, emit);
            return;
        }

        slot.IsContested |= placed.IsAmbiguous;
        if (mayHold && !slot.IsHeld && (!birth.IsClosed || birth.IsShared || birth.Slots.Exists(other => !other.IsSettled)))
            Hold(slot, nowNs, coverage, emit);
        else
            LetGo(slot, nowNs, coverage, emit);
    }

    /// <summary>A record proves that what came before on its connection and is still held will not be reported any more.</summary>
    private void Claimed(PlacedRequest placed, long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        var birth = placed.Slots[0].Birth;
        foreach (var earlier in birth.Slots.TakeWhile(other => other != placed.Slots[0]).Where(other => other.IsHeld).ToList())
            Close(earlier, null, null, nowNs, coverage, emit, handshake: birth.IsTls && earlier.Ordinal is > 0 and <= ConnectionBirth.MostHandshakeTurns);
        for (var i = 0; i < placed.Slots.Count; i++)
            Close(placed.Slots[i], placed.Claims[i].Client, placed.Claims[i].Server, nowNs, coverage, emit);
    }

    private void Hold(RequestSlot slot, long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        slot.IsHeld = true;
        slot.AgainNs = nowNs + _patienceNs;
        var held = slot.Birth.Slots.FindAll(other => other.IsHeld);
        if (held.Count <= MostHeld)
            return;
        if (Reporters(slot, nowNs, coverage) == Roles.None && !slot.Birth.IsShared)
        {
            LetGo(held[0], nowNs, coverage, emit);
            return;
        }

        // Bounded: the two oldest count as one from here on.
        var first = slot.Birth.Slots.IndexOf(held[0]);
        if (slot.Birth.Slots.IndexOf(held[1]) != first + 1)
            return;
        var (one, next) = (held[0].Traced!.Exchange, held[1].Traced!.Exchange);
        var joined = slot.Birth.Replace(first, 2, [(one.Request with { End = next.Request.End }, one.Response with { End = next.Response.End })])[0];
        (joined.IsHeld, joined.AgainNs, joined.IsContested) = (true, held[1].AgainNs, held[0].IsContested || held[1].IsContested);
    }

    /// <summary>Nobody will report it.</summary>
    private void LetGo(RequestSlot slot, long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        foreach (var earlier in slot.Birth.Slots.TakeWhile(other => other != slot).Where(other => other.IsHeld).Append(slot).ToList())
            Close(earlier, null, null, nowNs, coverage, emit);
    }

    private void Close(RequestSlot slot, MatchedRecord? client, MatchedRecord? server, long nowNs, Coverage coverage,
        Action<int, WindowMessage> emit, bool handshake = false)
    {
        var birth = slot.Birth;
        var reporters = handshake || birth.IsTunnel || birth.IsShared || slot.IsContested ? Roles.None : Reporters(slot, nowNs, coverage);
        var window = _nextWindow++;
        var (serverView, clientView) = slot.Id.IsServer ? (slot.Traced, slot.ClientView) : (null, slot.Traced);
        var ordinal = slot.Ordinal > 0 ? slot.Ordinal : slot.Id.Ordinal;
        if (clientView is not null)
            emit(window, new AddExchange(clientView.Exchange with { Ordinal = ordinal }));
        if (serverView is not null)
            emit(window, new AddExchange(serverView.Exchange with { Ordinal = ordinal }));
        if (client is not null)
            emit(window, new AddRecord(client.Record, client.Match));
        if (server is not null)
            emit(window, new AddRecord(server.Record, server.Match));
        birth.IsTunnel |= (client ?? server)?.Record.Record.OpensTunnel == true;
        birth.Remove(slot);
        emit(window, new CloseWindow(nowNs == long.MaxValue ? CloseNs(slot, client, server) : nowNs, coverage, reporters));
    }

    /// <summary>At the end of all input the window closes when it would have.</summary>
    private long CloseNs(RequestSlot slot, MatchedRecord? client, MatchedRecord? server) => slot.IsHeld ? slot.AgainNs
        : Math.Max(slot.LastNs, Math.Max(client?.Record.EndNs ?? 0, server?.Record.EndNs ?? 0)) is var last && last < long.MaxValue - _dueNs
            ? last + _dueNs : last;

    /// <summary>Who has reported requests of the connection, or of the server's endpoint, by now.</summary>
    private Roles Reporters(RequestSlot slot, long nowNs, Coverage coverage)
    {
        var exchange = slot.Traced!.Exchange;
        var known = _records.Reporters(nowNs);
        if (coverage.ServerReportsSinceNs(exchange.IsServer ? exchange.Local : exchange.Peer) <= nowNs - _latenessNs)
            known |= Roles.Server;
        return known;
    }

    /// <summary>
    /// A record that found no request in time: one that is held may be its own after all; else it stands alone.
    /// </summary>
    private void LastChance(WaitingRecord waiting, long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        if (waiting.Record.Record.SharesConnection)
        {
            CloseShared(waiting, nowNs, coverage, emit);
            return;
        }

        foreach (var slot in _births.SelectMany(birth => birth.Slots)
            .Where(slot => slot.IsHeld && slot.StartNs <= waiting.Record.EndNs && slot.LastNs >= waiting.Record.StartNs).ToList())
        {
            if (!slot.Birth.Slots.Contains(slot) || _placer.Place(slot, _births, nowNs) is not { Claims.Count: > 0 } placed)
                continue;
            Claimed(placed, nowNs, coverage, emit);
            if (!_records.Contains(waiting))
                return;
        }

        GiveUp(waiting, nowNs, coverage, emit);
    }

    private void GiveUp(WaitingRecord waiting, long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        var window = _nextWindow++;
        _records.Remove(waiting);
        emit(window, new AddRecord(waiting.Record, new Match(MatchMethod.None, waiting.Contenders, 0)));
        emit(window, new CloseWindow(Math.Min(nowNs, DeadlineAlone(waiting)), coverage, Roles.None)
        {
            Orphan = waiting.IsLate ? Orphan.Late : _nextBirth > 0 ? Orphan.ConnectionSeen : Orphan.None,
        });
    }

    private long DeadlineAlone(WaitingRecord waiting) => waiting.Record.EndNs is { } end ? end + _dueNs + _settleNs : long.MaxValue;

    /// <summary>A request that shares its connection: what passed in its time is evidence for it, and for others as well.</summary>
    private void CloseShared(WaitingRecord waiting, long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        var (client, server, others) = _placer.SharedEvidence(waiting, _births);
        _records.Remove(waiting);
        var window = _nextWindow++;
        if (client is not null)
            emit(window, new AddExchange(client with { Shared = true }));
        if (server is not null)
            emit(window, new AddExchange(server with { Shared = true }));
        var match = client is null && server is null ? Match.None : new Match(MatchMethod.TupleTime, 1, RequestPlacer.SharedConfidence);
        emit(window, new AddRecord(waiting.Record, match with { Candidates = Math.Max(match.Candidates, others) }));
        emit(window, new CloseWindow(Math.Min(nowNs, DeadlineAlone(waiting)), coverage, Roles.None));
    }
}
