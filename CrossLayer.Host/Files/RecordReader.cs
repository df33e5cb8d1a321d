namespace CrossLayer.Host.Files;

/// <summary>Reads the records of a file one by one, whichever form it has; memory does not grow with the file.</summary>
internal sealed class RecordReader<T> : IDisposable
{
    private readonly string _path;
    private readonly RecordFileErrors _errors;
    private readonly MendedLines? _mended;
    private readonly char[] _scratch = new char[FieldReader.ScratchLength];
    private readonly RecordSplitter _splitter;
    private bool _isRead;
    private long _withoutRequest;

    private RecordReader(string path, RecordKind<T> kind, Stream stream)
    {
        _mended = kind.Mend is { } mend ? new MendedLines(stream, mend) : null;
        (_path, Kind) = (path, kind);
        _errors = new RecordFileErrors(path, kind.Name);
        _splitter = new RecordSplitter(_mended ?? stream, kind.Container, _errors);
    }

    /// <summary>What the file holds.</summary>
    public RecordKind<T> Kind { get; }

    /// <summary>Records read so far.</summary>
    public long Count => _splitter.Count;

    /// <summary>Names of fields seen so far that this program does not know; they are no error.</summary>
    public UnknownFields Unknown { get; } = new();

    /// <summary>Lines so far that tell of no request.</summary>
    public long LinesWithoutRequest => _withoutRequest + (_mended?.Dropped ?? 0);

    /// <summary>One line that names the unknown fields seen so far, and how many lines were no records; null where there are neither.</summary>
    public string? Warning => (Unknown.Names.Count, LinesWithoutRequest) switch
    {
        (0, 0) => null,
        (0, var lines) => $"{_path}: {lines} lines tell of no request",
        (_, 0) => $"{_path}: ignored unknown fields: {Unknown}",
        (_, var lines) => $"{_path}: ignored unknown fields: {Unknown}; {lines} lines tell of no request",
    };

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its path, or that of a pipe.</param>
    /// <param name="kind">What it holds.</param>
    /// <exception cref="InputException">It is missing, a directory, or cannot be read.</exception>
    public static RecordReader<T> Open(string path, RecordKind<T> kind)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(kind);
        if (Directory.Exists(path))
            throw new InputException($"{path} is a directory; expected a file of {kind.Name}s");
        try
        {
            // Whoever writes the file may still be at it.
            const FileShare others = FileShare.ReadWrite | FileShare.Delete;
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, others, bufferSize: 0);
            return new RecordReader<T>(path, kind, stream);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path} does not exist; expected a file of {kind.Name}s", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"cannot read {path}: {OneLine.Of(exception.Message)}", exception);
        }
    }

    /// <summary>Reads what need not be a file.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="stream">Disposed with the reader.</param>
    /// <param name="kind">What it holds.</param>
    public static RecordReader<T> Over(string name, Stream stream, RecordKind<T> kind) => new(name, kind, stream);

    /// <summary>All records, in the file's order; once.</summary>
    /// <exception cref="InputException">The file is malformed or cut short, or a field cannot be used.</exception>
    /// <exception cref="InvalidOperationException">They are enumerated a second time.</exception>
    public IEnumerable<T> ReadAll()
    {
        if (_isRead)
            throw new InvalidOperationException($"{_path} was read before");
        _isRead = true;
        while (TryRead(out var record, out _))
            yield return record;
    }

    /// <summary>The next record, and its text.</summary>
    /// <param name="record">The record.</param>
    /// <param name="json">One JSON object, as it was read; valid until the next call.</param>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="InputException">The file is malformed or cut short, or a field cannot be used.</exception>
    public bool TryRead(out T record, out ReadOnlySpan<byte> json)
    {
        record = default!;
        while (_splitter.TryNext(out json, out var line))
        {
            try
            {
                var fields = new FieldReader(json, Unknown, _scratch);
                record = Kind.Read(ref fields);
                return true;
            }
            catch (FieldException exception)
            {
                throw _errors.Field(line, json, exception);
            }
            catch (NoRequestException)
            {
                _withoutRequest++;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _splitter.Dispose();
}
