using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Akka.Persistence.Journal;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// Writes a recording's rows, in parts, and deletes the oldest parts when asked. Beneath <see cref="RecordingActor"/>, which
/// hears of each chunk once it is on the disk, and starts another writer when this one has failed; that begins a new part.
/// </summary>
internal sealed class RecordingWriter : ReceivePersistentActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly RecordingSession _session;
    private readonly RecordingSettings _settings;
    private readonly TimeProvider _time;
    private readonly Wire.Totals _totals;
    private int _part;
    private long _partBytes;
    private DateTimeOffset? _partBegan;
    private ClockOffset? _lastOffset;
    private ReasonNames? _reasons;
    private Exception? _rejection;

    /// <param name="session">What is recorded.</param>
    /// <param name="settings">How large parts are.</param>
    /// <param name="part">The number of the first part to write.</param>
    /// <param name="totals">What the session has so far.</param>
    /// <param name="time">The wall clock.</param>
    public RecordingWriter(RecordingSession session, RecordingSettings settings, int part, Wire.Totals totals, TimeProvider time)
    {
        (_session, _settings, _part, _totals, _time) = (session, settings, part, totals, time);
        Command<Append>(Write);
        Command<DeleteUpTo>(delete => DeleteMessages(delete.SequenceNr));
        Command<DeleteMessagesSuccess>(done => Context.Parent.Tell(new Deleted(done.ToSequenceNr)));
        Command<DeleteMessagesFailure>(failure => _log.Warning("old parts of the recording cannot be deleted: {0}", failure.Cause.Message));
    }

    /// <inheritdoc/>
    public override string PersistenceId => _session.PersistenceId;

    /// <summary>Nothing but its last sequence number.</summary>
    public override Recovery Recovery => Recovery.None;

    /// <inheritdoc/>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistRejected(cause, @event, sequenceNr);
        _rejection = cause;
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Context.Parent.Tell(new Failed(cause));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        Context.Parent.Tell(new Failed(reason));
        base.OnRecoveryFailure(reason, message);
    }

    private void Write(Append append)
    {
        var rows = Rows(append);
        var bytes = rows.Sum(row => (long)((IMessage)row.Payload).CalculateSize());
        _partBytes += bytes;
        _totals.Bytes += bytes;
        var parts = 0;
        var written = 0;
        long? partAt = null;
        PersistAllAsync(rows, row =>
        {
            written++;
            if (row.Payload is not Wire.Part)
                return;
            parts++;
            partAt = LastSequenceNr;
        });
        // Runs after the handlers of the rows, whether they were taken or rejected, which is for all at once.
        DeferAsync(append, _ => Context.Parent.Tell(written == rows.Count
            ? new Written(rows.Count, bytes, parts > 0 ? partAt : null)
            : new Rejected(_rejection)));
    }

    private List<Tagged> Rows(Append append)
    {
        var chunk = append.Chunk;
        var rows = new List<Tagged>();
        var now = _time.GetUtcNow();
        if (_partBegan is not { } began || _partBytes >= _settings.PartSize || now - began >= _settings.PartAge)
        {
            var (first, watermark) = chunk.Gaps is [var gap, ..] ? (gap.FirstOrdinal, gap.WatermarkNs) : (chunk.FirstOrdinal, chunk.WatermarkBeforeNs);
            var part = _session.Part(_part++, RecordingTime.UnixNs(now), first, watermark, _totals.Clone());
            (_partBegan, _partBytes, _lastOffset, _reasons) = (now, 0, null, null);
            AddNews(chunk, part.Clock, names => part.Reasons = names);
            rows.Add(new Tagged(part, RecordingTags.Mark));
        }

        foreach (var gap in chunk.Gaps)
        {
            rows.Add(new Tagged(gap.ToWire(), RecordingTags.Row));
            _totals.LostInputs += gap.Inputs;
        }

        if (!chunk.IsEmpty)
        {
            var batch = chunk.Encode();
            AddNews(chunk, batch.Clock, names => batch.Reasons = names);
            rows.Add(new Tagged(batch, RecordingTags.Row));
        }

        _totals.Inputs += chunk.EndOrdinal - chunk.FirstOrdinal;
        _totals.Events += chunk.EventCount;
        _totals.Records += chunk.RecordCount;
        if (chunk.IsLast)
        {
            var end = new Wire.End { Session = _session.Id, EndUnixNs = RecordingTime.UnixNs(now), EndOrdinal = chunk.EndOrdinal, Totals = _totals.Clone() };
            rows.Add(new Tagged(end, RecordingTags.Mark));
        }

        chunk.Release();
        return rows;
    }

    /// <summary>Clock readings and names that this part does not have yet.</summary>
    private void AddNews(InputChunk chunk, RepeatedField<Wire.ClockOffset> clock, Action<Wire.ReasonNames> setReasons)
    {
        foreach (var offset in chunk.Clock?.Entries ?? [])
        {
            if (_lastOffset is { } last && offset.MonotonicNs <= last.MonotonicNs)
                continue;
            clock.Add(offset.ToWire());
            _lastOffset = offset;
        }

        if (chunk.Reasons is not { } reasons || ReferenceEquals(reasons, _reasons))
            return;
        _reasons = reasons;
        setReasons(reasons.ToWire());
    }

    /// <summary>Write this; answered by <see cref="Written"/> or <see cref="Rejected"/>, unless the writer fails.</summary>
    internal sealed record Append(InputChunk Chunk) : INoSerializationVerificationNeeded;

    /// <summary>All rows of a chunk are on the disk.</summary>
    /// <param name="Rows">How many they were.</param>
    /// <param name="Bytes">Their bytes.</param>
    /// <param name="PartAt">The sequence number of the head of the part that they began; null if they began none.</param>
    internal sealed record Written(int Rows, long Bytes, long? PartAt) : INoSerializationVerificationNeeded;

    /// <summary>No row of a chunk was written.</summary>
    internal sealed record Rejected(Exception? Cause) : INoSerializationVerificationNeeded;

    /// <summary>The writer is about to stop.</summary>
    internal sealed record Failed(Exception Cause) : INoSerializationVerificationNeeded;

    /// <summary>Delete the rows up to this one.</summary>
    internal sealed record DeleteUpTo(long SequenceNr) : INoSerializationVerificationNeeded;

    /// <summary>They are gone.</summary>
    internal sealed record Deleted(long SequenceNr) : INoSerializationVerificationNeeded;
}
