using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Host.Files;

/// <summary>
/// A file of records that is whole after every write, so that a process killed between two writes leaves it readable: what
/// is appended and the closing brackets behind it go over the old closing brackets in one write. Beside <c>x.json</c> stands
/// <c>x.jsonl</c> with one record a line; a path that ends in <c>.jsonl</c> has only that. Not thread-safe.
/// </summary>
internal sealed class RecordFile : IDisposable
{
    private const string LinesExtension = ".jsonl";

    private readonly SafeFileHandle? _array;
    private readonly SafeFileHandle _lines;
    private readonly ArrayBufferWriter<byte> _arrayPending = new();
    private readonly ArrayBufferWriter<byte> _linesPending = new();
    private long _arrayOffset;
    private long _arrayEnd;
    private long _linesOffset;
    private bool _hasRecords;

    private RecordFile(string path, string linesPath, SafeFileHandle? array, SafeFileHandle lines) =>
        (Path, LinesPath, _array, _lines) = (path, linesPath, array, lines);

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>The path of the JSON lines.</summary>
    public string LinesPath { get; }

    /// <summary>Makes the file, replacing an old one, and the folders above it.</summary>
    /// <param name="path">Where; ends in .jsonl for JSON lines only.</param>
    /// <param name="head">What stands before the records, opening bracket included.</param>
    /// <param name="tail">What stands behind them, closing bracket included.</param>
    /// <exception cref="InputException">The path cannot be written.</exception>
    public static RecordFile Create(string path, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        if (Directory.Exists(path))
            throw new InputException($"cannot write {path}: it is a directory");
        SafeFileHandle? array = null;
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
            var linesPath = System.IO.Path.ChangeExtension(path, LinesExtension);
            if (!path.EndsWith(LinesExtension, StringComparison.OrdinalIgnoreCase))
                array = Open(path);
            var file = new RecordFile(path, linesPath, array, Open(linesPath));
            file.Begin(head, tail);
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            array?.Dispose();
            throw new InputException($"cannot write {path}: {OneLine.Of(exception.Message)}", exception);
        }
    }

    /// <summary>Bytes of records that were added and are not written yet.</summary>
    public int PendingBytes => _linesPending.WrittenCount;

    /// <summary>Adds a record, to be written by the next <see cref="Flush"/>.</summary>
    public void Add(ReadOnlySpan<byte> record)
    {
        _arrayPending.Write(_hasRecords ? ",\n"u8 : "\n"u8);
        _arrayPending.Write(record);
        _hasRecords = true;
        _linesPending.Write(record);
        _linesPending.Write("\n"u8);
    }

    /// <summary>Writes what was added, and a tail behind it.</summary>
    /// <param name="tail">What stands behind the records now; padded with spaces where the file would become shorter.</param>
    /// <exception cref="IOException">The write failed.</exception>
    public void Flush(ReadOnlySpan<byte> tail)
    {
        if (_array is not null)
        {
            var records = _arrayPending.WrittenCount;
            _arrayPending.Write(tail);
            var missing = _arrayEnd - (_arrayOffset + _arrayPending.WrittenCount);
            for (; missing > 0; missing--)
                _arrayPending.Write(" "u8);
            RandomAccess.Write(_array, _arrayPending.WrittenSpan, _arrayOffset);
            _arrayEnd = _arrayOffset + _arrayPending.WrittenCount;
            _arrayOffset += records;
        }

        if (_linesPending.WrittenCount > 0)
            RandomAccess.Write(_lines, _linesPending.WrittenSpan, _linesOffset);
        _linesOffset += _linesPending.WrittenCount;
        _arrayPending.ResetWrittenCount();
        _linesPending.ResetWrittenCount();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _array?.Dispose();
        _lines.Dispose();
    }

    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

    private void Begin(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        if (_array is null)
            return;
        _arrayPending.Write(head);
        Flush(tail);
    }
}
