using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace CrossLayer.Actors.Recording;

/// <summary>Finds recordings in the journal, and reads their rows.</summary>
public sealed class RecordingQuery
{
    private readonly SqlReadJournal _journal;
    private readonly ActorMaterializer _materializer;

    /// <summary>
    /// Opens the journal in a system that has its configuration (<see cref="Journal.JournalConfiguration.For"/> or
    /// <see cref="Journal.JournalConfiguration.ForReading"/>). Blocks for as long as the journal takes to start: not to be called
    /// within an actor.
    /// </summary>
    public RecordingQuery(ActorSystem system)
    {
        _journal = PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);
        _materializer = system.Materializer();
    }

    /// <summary>The sessions, oldest first.</summary>
    public async Task<IReadOnlyList<RecordedSession>> SessionsAsync()
    {
        var marks = await MarksAsync();
        var sessions = new List<RecordedSession>();
        foreach (var writer in marks.GroupBy(mark => mark.PersistenceId))
        {
            RecordedSession? newest = null;
            foreach (var mark in writer)
            {
                switch (mark.Row)
                {
                    case Wire.Part part when newest?.Id == part.Session:
                        newest = newest with { Parts = newest.Parts + 1, LastPartSequenceNr = mark.SequenceNr, LastMarkOffset = mark.Offset };
                        newest = Count(newest, part.Totals);
                        break;
                    case Wire.Part part:
                        Add(newest, (part, mark));
                        newest = First(part, mark, newest?.LastMarkOffset ?? 0);
                        break;
                    case Wire.End end when newest?.Id == end.Session:
                        newest = Count(newest with { EndedUnixNs = end.EndUnixNs, LastMarkOffset = mark.Offset }, end.Totals);
                        break;
                }
            }

            Add(newest, null);
        }

        for (var i = 0; i < sessions.Count; i++)
            if (sessions[i].EndedUnixNs is null)
                sessions[i] = await CountLastPartAsync(sessions[i]);
        return [.. sessions.OrderBy(session => session.StartedUnixNs)];

        void Add(RecordedSession? session, (Wire.Part Part, Mark Mark)? next)
        {
            if (session is null)
                return;
            sessions.Add(session with
            {
                NextOffset = next?.Mark.Offset ?? long.MaxValue,
                NextStartedUnixNs = next?.Part.SessionUnixNs,
                LastSequenceNr = next?.Mark.SequenceNr - 1 ?? long.MaxValue,
            });
        }
    }

    /// <summary>A session's rows, in order: messages of recording.proto, or <see cref="UnreadableRow"/>.</summary>
    internal Source<(long SequenceNr, object Row), NotUsed> Rows(RecordedSession session) => Rows(session, session.FirstSequenceNr);

    /// <summary>The parts that a writer's recordings have, oldest first.</summary>
    internal async Task<IReadOnlyList<PartOnDisk>> PartsAsync(string persistenceId)
    {
        var marks = (await MarksAsync()).Where(mark => mark.PersistenceId == persistenceId).ToList();
        var parts = new List<PartOnDisk>();
        for (var i = 0; i < marks.Count; i++)
        {
            if (marks[i].Row is not Wire.Part part)
                continue;
            var after = i + 1 == marks.Count ? null : marks[i + 1].Row switch
            {
                Wire.Part next when next.Session == part.Session => next.Totals,
                Wire.End end when end.Session == part.Session => end.Totals,
                _ => null,
            };
            // One that was cut off holds what none counted.
            var bytes = after?.Bytes - part.Totals.Bytes ?? await BytesAsync(persistenceId, marks[i].SequenceNr, i + 1 == marks.Count ? long.MaxValue : marks[i + 1].SequenceNr - 1);
            parts.Add(new PartOnDisk(marks[i].SequenceNr, part.PartUnixNs, bytes));
        }

        return parts;
    }

    private async Task<List<Mark>> MarksAsync() => [.. await _journal.CurrentEventsByTag(RecordingTags.Marks, Offset.Sequence(0))
        .Select(envelope => new Mark(envelope.PersistenceId, envelope.SequenceNr, ((Sequence)envelope.Offset).Value, envelope.Event))
        .RunWith(Sink.Seq<Mark>(), _materializer)];

    private Source<(long SequenceNr, object Row), NotUsed> Rows(RecordedSession session, long from) =>
        _journal.CurrentEventsByPersistenceId(session.PersistenceId, from, session.LastSequenceNr).Select(envelope => (envelope.SequenceNr, envelope.Event));

    private Task<long> BytesAsync(string persistenceId, long from, long to) => _journal.CurrentEventsByPersistenceId(persistenceId, from, to)
        .RunAggregate(0L, (sum, envelope) => sum + SizeOf(envelope.Event), _materializer);

    private static long SizeOf(object row) => row switch
    {
        Google.Protobuf.IMessage message => message.CalculateSize(),
        UnreadableRow unreadable => unreadable.Bytes,
        _ => 0,
    };

    private Task<RecordedSession> CountLastPartAsync(RecordedSession session) => Rows(session, session.LastPartSequenceNr)
        .RunAggregate(session, (sum, entry) => (entry.Row switch
        {
            Wire.InputBatch batch => sum with { Events = sum.Events + batch.EventCount(), Records = sum.Records + batch.FromWire().OfType<Graph.RecordInput>().Sum(input => input.Records.Count) },
            Wire.Gap gap => sum with { LostInputs = sum.LostInputs + gap.EndOrdinal - gap.FirstOrdinal },
            _ => sum,
        }) with
        { Bytes = sum.Bytes + SizeOf(entry.Row) }, _materializer);

    private static RecordedSession First(Wire.Part part, Mark mark, long afterOffset) => Count(new RecordedSession
    {
        Id = part.Session,
        PersistenceId = mark.PersistenceId,
        DiscrepancyWriter = part.DiscrepancyWriter,
        ProgramVersion = part.ProgramVersion,
        StartedUnixNs = part.SessionUnixNs,
        FirstPart = part.Number,
        Parts = 1,
        Events = 0,
        Records = 0,
        Bytes = 0,
        LostInputs = 0,
        AfterOffset = afterOffset,
        NextOffset = long.MaxValue,
        FirstPartOffset = mark.Offset,
        LastMarkOffset = mark.Offset,
        FirstSequenceNr = mark.SequenceNr,
        LastPartSequenceNr = mark.SequenceNr,
        LastSequenceNr = long.MaxValue,
        Settings = part.Settings,
    }, part.Totals);

    private static RecordedSession Count(RecordedSession session, Wire.Totals totals) =>
        session with { Events = totals.Events, Records = totals.Records, Bytes = totals.Bytes, LostInputs = totals.LostInputs };

    private sealed record Mark(string PersistenceId, long SequenceNr, long Offset, object Row);
}
