using Akka.Actor;
using Akka.Event;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// Takes chunks of input and has them written. What cannot be written becomes a gap, which is counted, told of in the log and written
/// into the recording with the next row that can be; after a failure the journal is opened again, after a wait that doubles each time.
/// It also keeps the recording within its bounds.
/// </summary>
internal sealed class RecordingActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly RecordingSettings _settings;
    private readonly SemaphoreSlim _room;
    private readonly RecordingCounters _counters;
    private readonly Func<int, Wire.Totals, Props> _writerProps;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    // In the order in which the writer will answer.
    private readonly Queue<(InputChunk Chunk, IActorRef Asker)> _inFlight = new();
    private readonly List<RecordingGap> _gaps = [];
    private readonly Wire.Totals _totals = new();
    private readonly List<PartOnDisk> _parts = [];
    private IActorRef _writer = ActorRefs.Nobody;
    private TimeSpan _wait = FirstWait;
    private Exception? _failure;
    private int _nextPart;
    private int _deleting;

    /// <param name="settings">How much is kept.</param>
    /// <param name="room">To be given back for each chunk that no longer waits.</param>
    /// <param name="counters">What is counted.</param>
    /// <param name="writerProps">The actor that writes, from a part on.</param>
    /// <param name="olderParts">Parts that the journal holds of sessions before this one.</param>
    /// <param name="time">The wall clock.</param>
    public RecordingActor(RecordingSettings settings, SemaphoreSlim room, RecordingCounters counters, Func<int, Wire.Totals, Props> writerProps,
        Func<Task<IReadOnlyList<PartOnDisk>>> olderParts, TimeProvider time)
    {
        (_settings, _room, _counters, _writerProps, _time) = (settings, room, counters, writerProps, time);
        olderParts().PipeTo(Self, success: parts => new OlderParts(parts), failure: e => new OlderParts([], e));
        Open();
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(failure =>
    {
        _failure = failure;
        return Directive.Stop;
    });

    private void Opened()
    {
        Receive<InputChunk>(chunk =>
        {
            foreach (var gap in chunk.Gaps)
                RecordingGap.Add(_gaps, gap);
            chunk.Gaps.Clear();
            chunk.Gaps.AddRange(_gaps);
            _gaps.Clear();
            _inFlight.Enqueue((chunk, Sender));
            _writer.Tell(new RecordingWriter.Append(chunk));
        });
        Receive<RecordingWriter.Written>(OnWritten);
        Receive<RecordingWriter.Rejected>(rejected => Lose(_inFlight.Dequeue(), $"the journal rejected a row: {rejected.Cause?.Message}"));
        Receive<RecordingWriter.Failed>(failed => _failure = failed.Cause);
        Receive<RecordingWriter.Deleted>(_ => OnDeleted());
        Receive<OlderParts>(OnOlderParts);
        Receive<Terminated>(_ => Close());
    }

    private void Closed(string why)
    {
        Receive<InputChunk>(chunk => Lose((chunk, Sender), $"{why}; it is being opened again"));
        Receive<OlderParts>(OnOlderParts);
        Receive<Reopen>(_ => Open());
    }

    private void Open()
    {
        _writer = Context.Watch(Context.ActorOf(_writerProps(_nextPart, _totals.Clone())));
        _deleting = 0;
        Become(Opened);
    }

    private void Close()
    {
        var why = $"the journal failed: {_failure?.GetBaseException().Message ?? "the writer stopped"}";
        while (_inFlight.TryDequeue(out var waiting))
            Lose(waiting, why);
        _log.Warning("{0}; the recording has a gap, and is gone on with in {1}", why, _wait);
        Timers.StartSingleTimer(Reopen.Key, Reopen.Key, _wait);
        _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
        // The one that failed may have written a head all the same.
        _nextPart++;
        Become(() => Closed(why));
    }

    private void OnWritten(RecordingWriter.Written written)
    {
        var (chunk, asker) = _inFlight.Dequeue();
        _wait = FirstWait;
        _room.Release();
        _totals.Inputs += chunk.EndOrdinal - chunk.FirstOrdinal;
        _totals.Events += chunk.EventCount;
        _totals.Records += chunk.RecordCount;
        _totals.Bytes += written.Bytes;
        _totals.LostInputs += chunk.Gaps.Sum(gap => gap.Inputs);
        _counters.Change(status => status with
        {
            Rows = status.Rows + written.Rows,
            Bytes = status.Bytes + written.Bytes,
            Events = status.Events + chunk.EventCount,
            Records = status.Records + chunk.RecordCount,
        });
        if (written.PartAt is { } sequenceNr)
        {
            _nextPart++;
            _parts.Add(new PartOnDisk(sequenceNr, RecordingTime.UnixNs(_time.GetUtcNow()), 0));
        }

        if (_parts is [.., var newest])
            _parts[^1] = newest with { Bytes = newest.Bytes + written.Bytes };
        if (written.PartAt is not null)
            DeleteSuperfluous();
        if (chunk.IsLast)
            asker.Tell(Ended.Instance);
    }

    private void Lose((InputChunk Chunk, IActorRef Asker) waiting, string reason)
    {
        var (chunk, asker) = waiting;
        _room.Release();
        foreach (var gap in chunk.Gaps)
            RecordingGap.Add(_gaps, gap);
        if (!chunk.IsEmpty)
        {
            var lost = chunk.AsGap(reason);
            _counters.Lose(lost);
            RecordingGap.Add(_gaps, lost);
        }

        if (chunk.IsLast)
            asker.Tell(Ended.Instance);
    }

    private void OnOlderParts(OlderParts older)
    {
        if (older.Failure is not null)
            _log.Warning("older parts of the recording are not known, and stay: {0}", older.Failure.Message);
        var before = older.Parts.Where(part => _parts.Count == 0 || part.SequenceNr < _parts[0].SequenceNr).ToList();
        _parts.InsertRange(0, before);
        // What is being deleted reaches from the first row of all.
        _deleting += _deleting > 0 ? before.Count : 0;
        DeleteSuperfluous();
    }

    private void DeleteSuperfluous()
    {
        if (_deleting > 0 || RecordingRetention.Superfluous(_parts, RecordingTime.UnixNs(_time.GetUtcNow()), _settings) is not (> 0 and var count))
            return;
        _deleting = count;
        _writer.Tell(new RecordingWriter.DeleteUpTo(_parts[count].SequenceNr - 1));
    }

    private void OnDeleted()
    {
        _parts.RemoveRange(0, _deleting);
        _counters.Change(status => status with { DeletedParts = status.DeletedParts + _deleting });
        _deleting = 0;
    }

    /// <summary>The answer to a last chunk: it is on the disk, or counted as lost.</summary>
    internal sealed record Ended : INoSerializationVerificationNeeded
    {
        public static readonly Ended Instance = new();
    }

    private sealed record OlderParts(IReadOnlyList<PartOnDisk> Parts, Exception? Failure = null) : INoSerializationVerificationNeeded;

    private sealed record Reopen : INoSerializationVerificationNeeded
    {
        public static readonly Reopen Key = new();
    }
}
