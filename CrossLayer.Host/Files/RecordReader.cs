namespace CrossLayer.Host.Files;

/// <summary>Reads the records of a file one by one, whichever form it has; memory does not grow with the file.</summary>
internal sealed class RecordReader<T> : IDisposable
{
    private readonly string _path;
    private readonly RecordKind<T> _kind;
    private readonly RecordFileErrors _errors;
    private readonly RecordSplitter _splitter;
    private readonly char[] _scratch = new char[FieldReader.ScratchLength];

    private RecordReader(string path, RecordKind<T> kind, Stream stream)
    {
        (_path, _kind) = (path, kind);
        _errors = new RecordFileErrors(path, kind.Name);
        _splitter = new RecordSplitter(stream, kind.Container, _errors);
    }

    /// <summary>Records read so far.</summary>
    public long Count => _splitter.Count;

    /// <summary>Names of fields seen so far that this program does not know; they are no error.</summary>
    public UnknownFields Unknown { get; } = new();

    /// <summary>One line that names the unknown fields seen so far; null where there are none.</summary>
    public string? Warning => Unknown.Names.Count == 0 ? null : $"{_path}: ignored unknown fields: {Unknown}";

    /// <summary>Opens a file.</summary>
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

    /// <summary>All records that are left, in the file's order.</summary>
    /// <exception cref="InputException">The file is malformed or cut short, or a field cannot be used.</exception>
    public IEnumerable<T> ReadAll()
    {
        while (TryRead(out var record))
            yield return record;
    }

    /// <inheritdoc/>
    public void Dispose() => _splitter.Dispose();

    private bool TryRead(out T record)
    {
        record = default!;
        if (!_splitter.TryNext(out var json, out var line))
            return false;
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
    }
}
