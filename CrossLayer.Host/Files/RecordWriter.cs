namespace CrossLayer.Host.Files;

/// <summary>
/// Writes records to a file that is a valid JSON array after every append, and to its JSON lines
/// (<see cref="RecordFile"/>). May be used from several threads at once.
/// </summary>
internal sealed class RecordWriter<T> : IDisposable
{
    private readonly Lock _lock = new();
    private readonly RecordKind<T> _kind;
    private readonly RecordFile _file;
    private readonly JsonBytes _json = new();

    private RecordWriter(RecordKind<T> kind, RecordFile file) => (_kind, _file) = (kind, file);

    /// <summary>The path as it was given.</summary>
    public string Path => _file.Path;

    /// <summary>Records written.</summary>
    public long Count { get; private set; }

    private static ReadOnlySpan<byte> Tail => "\n]\n"u8;

    /// <summary>Makes the file, replacing an old one, and the folders above it.</summary>
    /// <exception cref="InputException">The path cannot be written.</exception>
    public static RecordWriter<T> Create(string path, RecordKind<T> kind)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(kind);
        return new RecordWriter<T>(kind, RecordFile.Create(path, "["u8, Tail));
    }

    /// <summary>Appends a record.</summary>
    /// <exception cref="IOException">The write failed.</exception>
    public void Append(in T record) => Append(new ReadOnlySpan<T>(in record));

    /// <summary>Appends records in one write.</summary>
    /// <exception cref="IOException">The write failed.</exception>
    public void Append(ReadOnlySpan<T> records)
    {
        lock (_lock)
        {
            foreach (ref readonly var record in records)
            {
                _json.Clear();
                _kind.Write(_json.Writer, in record);
                _file.Add(_json.Written);
            }

            _file.Flush(Tail);
            Count += records.Length;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _file.Dispose();
            _json.Dispose();
        }
    }
}
