using System.Buffers;

namespace CrossLayer.Host.Files;

/// <summary>
/// A log's lines, each made into JSON. A line that is no record becomes an empty one, so that lines keep their numbers. Read
/// only, from start to end; memory grows with the longest line, up to <see cref="RecordSplitter.MaxRecordBytes"/>.
/// </summary>
/// <param name="log">The log; disposed with this.</param>
/// <param name="mend">Makes JSON of a line.</param>
internal sealed class MendedLines(Stream log, MendLine mend) : Stream
{
    private readonly ArrayBufferWriter<byte> _mended = new();
    private byte[] _raw = new byte[1 << 16];
    private int _rawEnd;
    private int _given;
    private bool _atEnd;

    /// <summary>Lines that were no records.</summary>
    public long Dropped { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (_given == _mended.WrittenCount && !_atEnd)
            Fill();
        var count = Math.Min(buffer.Length, _mended.WrittenCount - _given);
        _mended.WrittenSpan.Slice(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            log.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _mended.ResetWrittenCount();
        _given = 0;
        if (_rawEnd == _raw.Length)
            Array.Resize(ref _raw, _raw.Length * 2);
        var read = log.Read(_raw, _rawEnd, _raw.Length - _rawEnd);
        _atEnd = read == 0;
        _rawEnd += read;
        var rest = _raw.AsSpan(0, _rawEnd);
        while (rest.IndexOf((byte)'\n') is var end and >= 0)
        {
            Add(rest[..end]);
            _mended.Write("\n"u8);
            rest = rest[(end + 1)..];
        }

        // What has no end by now is the last line, or longer than any record: the splitter says so.
        if (_atEnd || rest.Length > RecordSplitter.MaxRecordBytes)
        {
            Add(rest);
            rest = [];
        }

        rest.CopyTo(_raw);
        _rawEnd = rest.Length;
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        if (!line.IsEmpty && !mend(line, _mended))
            Dropped++;
    }
}
