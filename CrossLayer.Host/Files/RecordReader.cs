namespace CrossLayer.Host.Files;

/// <summary>Reads the records of a file one by one, whichever form it has; memory does not grow with the file.</summary>
internal sealed class RecordReader<T> : IDisposable
{
    private readonly string _path;
    private readonly RecordKind<T> _kind;
    private readonly RecordFileErrors _errors;
    private readonly Stream _stream;
    private readonly MendedLines? _mended;
    private readonly char[] _scratch = new char[FieldReader.ScratchLength];
    private RecordSplitter _splitter;
    private bool _isFresh = true;
    private long _withoutRequest;

    private RecordReader(string path, RecordKind<T> kind, Stream stream)
    {
        _mended = kind.Mend is { } mend ? new MendedLines(stream, mend) : null;
        (_path, _kind, _stream) = (path, kind, _mended ?? stream);
        _errors = new RecordFileErrors(path, kind.Name);
        _splitter = new RecordSplitter(_stream, kind.Container, _errors);
    }

    /// <summary>Records read so far; from the start, if it is read again.</summary>
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
    /// <param name="again">It will be read more than once: what can be read but once, as a pipe, is copied to a temporary file.</param>
    /// <exception cref="InputException">It is missing, a directory, or cannot be read.</exception>
    public static RecordReader<T> Open(string path, RecordKind<T> kind, bool again = false)
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
            return new RecordReader<T>(path, kind, again && !stream.CanSeek ? Copy(stream) : stream);
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

    /// <summary>All records, in the file's order; each time from the start, if it was opened to be read again.</summary>
    /// <exception cref="InputException">The file is malformed or cut short, or a field cannot be used.</exception>
    public IEnumerable<T> ReadAll()
    {
        if (!_isFresh && _stream.CanSeek)
        {
            _stream.Position = 0;
            _splitter = new RecordSplitter(_stream, _kind.Container, _errors);
        }

        _isFresh = false;
        while (TryRead(out var record))
            yield return record;
    }

    /// <inheritdoc/>
    public void Dispose() => _splitter.Dispose();

    private static FileStream Copy(FileStream once)
    {
        using (once)
        {
            var copy = new FileStream(Path.GetTempFileName(), new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 0,
            });
            once.CopyTo(copy);
            copy.Position = 0;
            return copy;
        }
    }

    private bool TryRead(out T record)
    {
        record = default!;
        while (_splitter.TryNext(out var json, out var line))
        {
            try
            {
                var fields = new FieldReader(json, Unknown, _scratch);
                record = _kind.Read(ref fields);
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
}
