using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// The windows of one connection: opens one for each exchange, brings records to them and says when each closes. Plain
/// state without a clock: what it does depends on event time alone, so that the same input gives the same windows
/// however it was cut.
/// </summary>
public sealed class ConnectionCorrelator
{
    private readonly List<WindowSlot> _slots = [];
    private readonly List<TimedRecord> _waiting = [];
    private readonly long _settleNs;
    private readonly long _toleranceNs;
    private readonly int _maxWindows;
    private int _nextWindow;
    private long _firstReportNs = long.MaxValue;

    /// <summary>A connection without windows.</summary>
    public ConnectionCorrelator(CorrelationSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settleNs = (long)settings.Settle.TotalNanoseconds;
        _toleranceNs = (long)settings.ClockTolerance.TotalNanoseconds;
        _maxWindows = settings.MaxWindowsPerConnection;
    }

    /// <summary>Records that came when as many windows as allowed were open; they are not correlated.</summary>
    public long Rejected { get; private set; }

    /// <summary>The next time at which something is due; <see cref="long.MaxValue"/> if nothing waits.</summary>
    public long NextDeadlineNs => Math.Min(
        _slots.Count == 0 ? long.MaxValue : _slots.Min(slot => slot.DeadlineNs(_settleNs)),
        _waiting.Count == 0 ? long.MaxValue : _waiting.Min(RecordDeadlineNs));

    /// <summary>True if nothing waits.</summary>
    public bool IsIdle => _slots.Count == 0 && _waiting.Count == 0;

    /// <summary>
    /// Takes in records and facts up to a watermark and fires every deadline up to it, in order of event time.
    /// </summary>
    /// <param name="records">New records, in any order.</param>
    /// <param name="facts">New facts, none later than the watermark.</param>
    /// <param name="watermarkNs">Everything up to here is known.</param>
    /// <param name="coverage">What the kernel's evidence covers.</param>
    /// <param name="emit">Receives each window's number and what happens to it.</param>
    public void Process(IEnumerable<TimedRecord> records, IEnumerable<ConnectionFact> facts, long watermarkNs,
        Coverage coverage, Action<int, WindowMessage> emit)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(emit);

        foreach (var record in records)
            Accept(record);
        foreach (var fact in facts.OrderBy(fact => fact.TimeNs).ThenBy(Rank))
        {
            FireUntil(fact.TimeNs - 1, coverage, emit);
            Accept(fact, emit);
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

    private void Accept(TimedRecord record)
    {
        _firstReportNs = Math.Min(_firstReportNs, record.EndNs ?? long.MinValue);
        if (_waiting.Count >= _maxWindows)
            Rejected++;
        else
            _waiting.Add(record);
    }

    private void Accept(ConnectionFact fact, Action<int, WindowMessage> emit)
    {
        switch (fact)
        {
            case ExchangeOpened opened:
                if (_slots.FindLast(slot => slot.Pairs(opened)) is { } pair)
                    pair.Open(opened);
                else
                    _slots.Add(WindowSlot.For(_nextWindow++, opened));
                break;
            case ExchangeSettled settled:
                foreach (var slot in _slots)
                {
                    var side = settled.Id.IsServer ? slot.Server : slot.Client;
                    if (side?.Id != settled.Id || side.Exchange is not null)
                        continue;
                    side.Exchange = settled.Exchange;
                    emit(slot.Number, new AddExchange(settled.Exchange));
                    return;
                }

                break;
        }
    }

    private void FireUntil(long timeNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        for (var due = NextDeadlineNs; due <= timeNs && due != long.MaxValue; due = NextDeadlineNs)
        {
            Fire(due, coverage, emit);
        }

        // The end of all input: records without a time wait until here.
        if (timeNs == long.MaxValue)
            Fire(long.MaxValue, coverage, emit);
    }

    private void Fire(long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        Assign(nowNs, emit);
        GiveUp(nowNs, coverage, emit);
        Close(nowNs, coverage, emit);
    }

    /// <summary>Brings each waiting record that ended by now to its window, if there is one and only one.</summary>
    private void Assign(long nowNs, Action<int, WindowMessage> emit)
    {
        _waiting.Sort(ByTime);
        for (var i = 0; i < _waiting.Count;)
        {
            var record = _waiting[i];
            if (record.EndNs > nowNs || Matcher.Find(record, _slots, _toleranceNs) is not { Candidates: [var slot], Match: var match })
            {
                i++;
                continue;
            }

            slot.Attach(record);
            _waiting.RemoveAt(i);
            emit(slot.Number, new AddRecord(record, match));
        }
    }

    private void Close(long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        for (var i = 0; i < _slots.Count;)
        {
            var slot = _slots[i];
            if (slot.DeadlineNs(_settleNs) <= nowNs)
                slot.HeldUntilNs = ContestedUntilNs(slot);
            var deadline = slot.DeadlineNs(_settleNs);
            if (deadline > nowNs)
            {
                i++;
                continue;
            }

            _slots.RemoveAt(i);
            emit(slot.Number, new CloseWindow(deadline, coverage, _firstReportNs <= deadline && !slot.Contested));
        }
    }

    /// <summary>While a record that might be this request's still waits, the window does.</summary>
    private long ContestedUntilNs(WindowSlot slot) => _waiting
        .Where(record => Matcher.Find(record, _slots, _toleranceNs).Candidates.Contains(slot))
        .Select(RecordDeadlineNs).DefaultIfEmpty(0).Max();

    /// <summary>Records whose time is up stand alone, each in a window of its own.</summary>
    private void GiveUp(long nowNs, Coverage coverage, Action<int, WindowMessage> emit)
    {
        for (var i = 0; i < _waiting.Count;)
        {
            var record = _waiting[i];
            if (RecordDeadlineNs(record) > nowNs)
            {
                i++;
                continue;
            }

            var (candidates, match) = Matcher.Find(record, _slots, _toleranceNs);
            foreach (var slot in candidates)
                slot.Contested = true;
            var window = _nextWindow++;
            _waiting.RemoveAt(i);
            emit(window, new AddRecord(record, match));
            emit(window, new CloseWindow(RecordDeadlineNs(record), coverage, Reported: true));
        }
    }

    private long RecordDeadlineNs(TimedRecord record) => record.EndNs + _settleNs ?? long.MaxValue;

    private static int ByTime(TimedRecord one, TimedRecord other)
    {
        var byEnd = Nullable.Compare(one.EndNs, other.EndNs);
        if (byEnd != 0)
            return byEnd;
        var byId = one.Record.RequestId.CompareTo(other.Record.RequestId);
        return byId != 0 ? byId : one.Record.Role.CompareTo(other.Record.Role);
    }
}
