using System.Data.Common;

namespace CrossLayer.Actors.Journal;

/// <summary>A row of the journal as it was found: what should be there may be missing, or be of another kind, where the disk did harm.</summary>
internal sealed record StoredRow(long Offset, string Writer, long SequenceNr, DateTimeOffset WrittenAt, string Manifest, int Identifier, byte[]? Bytes)
{
    /// <summary>The columns, in the order of <see cref="From"/>.</summary>
    public const string Columns = "ordering, persistence_id, sequence_number, created, manifest, identifier, message";

    /// <summary>Takes the row that a reader stands on.</summary>
    public static StoredRow From(DbDataReader reader) => new(
        reader.GetInt64(0),
        reader.GetValue(1) as string ?? "",
        Whole(reader.GetValue(2)),
        new DateTimeOffset(Math.Clamp(Whole(reader.GetValue(3)), DateTimeOffset.MinValue.Ticks, DateTimeOffset.MaxValue.Ticks), TimeSpan.Zero),
        reader.GetValue(4) as string ?? "",
        (int)Whole(reader.GetValue(5)),
        reader.GetValue(6) as byte[]);

    /// <summary>The event.</summary>
    /// <exception cref="JournalFormatException">This version cannot read it; the message says why.</exception>
    public object Read()
    {
        if (Identifier != JournalSerializer.Id)
            throw new JournalFormatException($"An event with the serializer {Identifier} cannot be read: this version knows {JournalSerializer.Id}.");
        return Bytes is null
            ? throw new JournalFormatException($"An event with manifest '{Manifest}' is damaged: it has no bytes.")
            : JournalSerializer.Read(Bytes, Manifest);
    }

    private static long Whole(object value) => value switch
    {
        long number => number,
        int number => number,
        _ => 0,
    };
}
