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
    private readonly BirthList _births = new();
    private readonly DeadlineQueue<WaitingRecord> _dueRecords = new();
    private readonly RecordQueue _records;
    private readonly UntimedRecords _untimed;
    private readonly RequestPlacer _placer;
    private readonly EarlyAnswer _early;
    private readonly WindowEmitter _windows;
    private readonly SlotSchedule _schedule;
    private readonly HeldRequests _held;
    private readonly FactOrder _facts = new();
    private readonly long _dueNs;
    private readonly long _settleNs;
    private readonly long _patienceNs;
    private readonly long _toleranceNs;

    /// <summary>A connection without windows.</summary>
    public ConnectionCorrelator(CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var lateness = (long)settings.Lateness.TotalNanoseconds;
        _settleNs = (long)settings.Settle.TotalNanoseconds;
        _patienceNs = (long)settings.Patience.TotalNanoseconds;
        _toleranceNs = (long)settings.ClockTolerance.TotalNanoseconds;
        _dueNs = _settleNs + lateness;
        _records = new RecordQueue(settings.MaxWindowsPerConnection, lateness);
        _untimed = new UntimedRecords(_records, _births.All, new ClaimMaker(_births.All, _toleranceNs));
        _placer = new RequestPlacer(_records, _untimed, _births.All, _toleranceNs, _settleNs);
        _early = new EarlyAnswer(_records, new ClaimMaker(_births.All, _toleranceNs), _toleranceNs);
        _windows = new WindowEmitter(_records, _dueNs, lateness);
        _schedule = new SlotSchedule(_dueNs, _settleNs);
        _held = new HeldRequests(_schedule, _windows, Close);
    }

    /// <summary>Records that came when as many as allowed waited; they are not correlated.</summary>
    public long Rejected => _records.Rejected;

    /// <summary>Records that came later than the lateness allows: their request may have been decided without them.</summary>
    public long Late => _records.Late;

    /// <summary>The next time at which something is due; <see cref="long.MaxValue"/> if nothing waits.</summary>
    public long NextDeadlineNs => Math.Min(_schedule.NextNs, _dueRecords.NextNs);

    /// <summary>True if nothing waits.</summary>
    public bool IsIdle => _records.All.Count == 0 && _births.AreIdle;

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

        _windows.Begin(coverage, emit);
        _untimed.Coverage = coverage;
        foreach (var record in records)
            if (_records.Add(record, watermarkNs) is { Record.EndNs: { } end } waiting)
                _dueRecords.Schedule(waiting, waiting.AgainNs = end + _dueNs + _settleNs);
        foreach (var fact in _facts.Of(facts))
        {
            FireUntil(fact.TimeNs - 1, long.MaxValue);
            Accept(fact);
        }

        _facts.Clear();

        // At the end of all input nothing is held for longer than there is evidence.
        FireUntil(watermarkNs, watermarkNs == long.MaxValue ? coverage.EndNs : long.MaxValue);
        if (watermarkNs == long.MaxValue)
            FireAll();
    }

    private void Accept(ConnectionFact fact)
    {
        switch (fact)
        {
            case ExchangeOpened opened:
                _births.For(opened).Open(opened);
                break;
            case ExchangeSettled settled:
                if (_births.Of(settled.Id) is { } own)
                    foreach (var slot in own.Settle(settled).Concat(own.AdoptLeftovers()))
                        _schedule.Add(slot);
                break;
        }
    }

    private void FireUntil(long timeNs, long holdUntilNs)
    {
        for (var due = NextDeadlineNs; due <= timeNs && due != long.MaxValue; due = NextDeadlineNs)
            Fire(due, holdUntilNs);
    }

    private void Fire(long nowNs, long holdUntilNs)
    {
        var slots = _schedule.TakeDue(nowNs, holdUntilNs);
        foreach (var slot in slots)
            if (!slot.IsGone)
                Decide(slot, nowNs, mayHold: true);
        while (_dueRecords.TakeDue(nowNs) is { } waiting)
            if (!waiting.IsTaken)
                LastChance(waiting, nowNs);
        if (slots.Count > 0)
            _births.RemoveDone();
    }

    /// <summary>The end of all input: nothing is waited for any more.</summary>
    private void FireAll()
    {
        foreach (var waiting in _records.All.Where(waiting => waiting.Record.Record.SharesConnection).ToList())
            CloseShared(waiting, long.MaxValue);
        foreach (var (slot, waiting) in _untimed.Place())
        {
            var own = _placer.Sole(waiting, slot);
            slot.Take(own.Record.Record.Role == RequestRole.Client ? own : null, own.Record.Record.Role == RequestRole.Server ? own : null);
        }

        while (_births.WithSettled() is { } birth)
            Decide(birth.Slots.Find(slot => slot.IsSettled)!, long.MaxValue, mayHold: false);
        while (_records.All.Count > 0)
            _windows.CloseAlone(_records.All[0], long.MaxValue, _births.AnySeen);
    }

    private void Decide(RequestSlot slot, long nowNs, bool mayHold)
    {
        var birth = slot.Birth;
        // What fits one that waits for its other end's record was there when it was due; what does not is found by LastChance.
        if (birth.IsTunnel || slot.IsClaimed)
        {
            Close(slot, nowNs);
            return;
        }

        // Where one begins is known once the one before is decided.
        if (!slot.IsHeld && mayHold && _early.PreviousOf(slot, nowNs) is { } previous)
        {
            if (_schedule.WaitFor(slot, previous, nowNs, _patienceNs))
                return;
            Decide(previous, nowNs, mayHold);
            if (slot.IsGone)
                return;
        }

        if (!slot.IsHeld && _early.NextOf(slot, nowNs) is { } next)
        {
            if (mayHold && _schedule.WaitFor(slot, next, nowNs, _patienceNs))
                return;
            if (_early.MoveBorder(slot, next, nowNs) is [var whole, var rest])
            {
                slot = whole;
                _schedule.Add(rest);
            }
        }

        var around = _placer.Around(slot, nowNs);
        if (mayHold && !slot.IsHeld && slot.AgainNs == 0 && _schedule.DueOf(around, nowNs) is var again && again > nowNs)
        {
            slot.AgainNs = Math.Min(again, nowNs + _settleNs);
            _schedule.Add(slot);
            return;
        }

        if (!slot.IsHeld)
            slot.AgainNs = 0;
        var placed = _placer.Place(slot, around, nowNs);
        if (placed.Claims.Count > 0)
        {
            Claimed(placed, nowNs);
            return;
        }

        slot.IsContested |= placed.IsAmbiguous || placed.IsUnsure;
        birth.JudgeClocks(slot, null);
        if (!slot.IsHeld && !_placer.IsNamed(slot, nowNs))
            birth.Places.Doubt();
        if (_records.All.Count == 0)
            birth.FindOrder(slot);
        if (!slot.IsHeld && slot.Traced!.Exchange is { Request.Length: > 0, Response.Length: 0 } && birth.IsClosed)
            _windows.NoteAttempt(slot, nowNs);
        if (mayHold && !slot.IsHeld)
            _held.Hold(slot, birth.IsClosed && !birth.IsShared && birth.Slots[^1] == slot ? _schedule.PassedNs(slot) : nowNs + _patienceNs, nowNs);
        else
            Close(slot, nowNs);
    }

    /// <summary>A record proves that what came before on its connection and is still held is not part of something longer.</summary>
    private void Claimed(PlacedRequest placed, long nowNs)
    {
        _held.PassBefore(placed.Slots[0], nowNs < long.MaxValue ? nowNs : placed.Slots[0].LastNs + _dueNs);
        for (var i = 0; i < placed.Slots.Count; i++)
        {
            var slot = placed.Slots[i];
            slot.Take(placed.Claims[i].Client, placed.Claims[i].Server);
            slot.IsContested |= placed.IsAmbiguous || placed.IsUnsure;
            slot.Birth.JudgeClocks(slot, placed.Claims[i].Client);
            slot.Birth.JudgeClocks(slot, placed.Claims[i].Server);
            slot.Birth.Account(slot);
            slot.Birth.IsTunnel |= (slot.ClientRecord ?? slot.ServerRecord)?.Record.Record.OpensTunnel == true;
            if ((placed.IsAmbiguous && !_placer.IsNamed(slot, nowNs)) || !_held.HoldForOtherEnd(slot, nowNs))
                Close(slot, nowNs);
        }
    }

    private void Close(RequestSlot slot, long nowNs)
    {
        if (nowNs < long.MaxValue)
            _untimed.NoteLetGo(slot);
        _windows.Close(slot, nowNs);
        slot.Birth.Remove(slot);
        foreach (var left in slot.Birth.AdoptLeftovers())
            _schedule.Add(left);
    }

    /// <summary>
    /// A record that found no request in time waits for as long as one that it may belong to, as far as its clock may be off, is not
    /// decided or goes on; then one that is held may be its own after all; else it stands alone.
    /// </summary>
    private void LastChance(WaitingRecord waiting, long nowNs)
    {
        var possible = _placer.Overlapping(waiting, _toleranceNs);
        if (possible.Exists(slot => !slot.IsHeld) || _placer.MayBeLeftOver(waiting))
        {
            _dueRecords.Schedule(waiting, waiting.AgainNs = nowNs + _settleNs);
            return;
        }

        if (waiting.Record.Record.SharesConnection)
        {
            CloseShared(waiting, nowNs);
            return;
        }

        var role = waiting.Record.Record.Role == RequestRole.Server ? Roles.Server : Roles.Client;
        // Placing is dear, and with a coarse clock everything is within its error: where a request overlaps as it stands, only that.
        var likely = _placer.Overlapping(waiting);
        foreach (var slot in likely.Count > 0 ? likely : possible)
        {
            if (slot.IsGone || slot.LostRivals.HasFlag(role) || _placer.Place(slot, _placer.Around(slot, nowNs), nowNs) is not { Claims.Count: > 0 } placed)
                continue;
            Claimed(placed, nowNs);
            if (waiting.IsTaken)
                return;
        }

        if (_placer.LeftOver(waiting) is { } left)
        {
            Claimed(left, nowNs);
            return;
        }

        foreach (var slot in possible.Where(slot => slot.IsContested))
            slot.LostRivals |= role;
        foreach (var birth in _births.All)
            birth.ClockOf(waiting.Record.Record.Role).Doubt();
        _windows.CloseAlone(waiting, nowNs, _births.AnySeen);
    }

    private void CloseShared(WaitingRecord waiting, long nowNs)
    {
        var (client, server, others) = _placer.SharedEvidence(waiting, _settleNs);
        _windows.CloseShared(waiting, client, server, others, nowNs);
    }
}
