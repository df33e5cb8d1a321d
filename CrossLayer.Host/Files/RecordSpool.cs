using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Files;

/// <summary>
/// The request records of a file that is read once: their text is kept in a file, and in memory only where it is and when the request was,
/// so that a long recording takes little room.
/// </summary>
internal sealed class RecordSpool : RecordSource, IDisposable
{
    private readonly RecordKind<RequestRecord> _kind;
    private readonly SpoolFile _file;
    private readonly List<Entry> _entries = [];
    private readonly UnknownFields _unknown = new(); // known since the first reading
    private readonly char[] _scratch = new char[FieldReader.ScratchLength];

    private RecordSpool(RecordKind<RequestRecord> kind, SpoolFile file) => (_kind, _file) = (kind, file);

    /// <inheritdoc/>
    public override int Count => _entries.Count;

    /// <inheritdoc/>
    public override RequestRecord this[int index]
    {
        get
        {
            var start = _entries[index].Offset;
            var end = index + 1 < _entries.Count ? _entries[index + 1].Offset : _file.Length;
            var fields = new FieldReader(_file.Read(start, (int)(end - start)), _unknown, _scratch);
            return _kind.Read(ref fields);
        }
    }

    /// <summary>Takes in what a reader has.</summary>
    /// <param name="reader">Read to its end.</param>
    /// <param name="folder">Where there is room for the records' text.</param>
    /// <exception cref="InputException">The folder cannot be written, or a record cannot be used.</exception>
    /// <exception cref="IOException">A write failed.</exception>
    public static RecordSpool Fill(RecordReader<RequestRecord> reader, string folder)
    {
        var spool = new RecordSpool(reader.Kind, SpoolFile.Create(folder));
        try
        {
            while (reader.TryRead(out var record, out var json))
            {
                spool._entries.Add(new Entry(spool._file.Length, record.StartUnixNs ?? Entry.NoTime, record.DurationNs));
                spool._file.Append(json);
            }

            return spool;
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override (long? StartUnixNs, long DurationNs) TimeOf(int index) =>
        (_entries[index].StartUnixNs is var start and not Entry.NoTime ? start : null, _entries[index].DurationNs);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private readonly record struct Entry(long Offset, long StartUnixNs, long DurationNs)
    {
        /// <summary>The application gave no time.</summary>
        internal const long NoTime = long.MinValue;
    }
}
