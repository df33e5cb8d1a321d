using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>One file of a log, open: stays the same file when it is renamed or removed. Reads whole lines.</summary>
internal sealed class LogFile : IDisposable
{
    private const int ChunkBytes = 1 << 18;
    private const int MostHeadBytes = 256;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _head = new byte[MostHeadBytes];
    private readonly int _maxLineBytes;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _headBytes;
    private long _lastSize = -1;

    private LogFile(SafeFileHandle handle, FileIdentity identity, int maxLineBytes) =>
        (_handle, Identity, _maxLineBytes) = (handle, identity, maxLineBytes);

    /// <summary>Which file it is.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Where the next line begins, in bytes from the file's start.</summary>
    public long Offset { get; private set; }

    /// <summary>True inside a line that is too long.</summary>
    public bool IsSkipping { get; private set; }

    /// <summary>How far its lines have been dealt with.</summary>
    public LogPosition Committed { get; private set; } = null!;

    /// <summary>True where a line has begun that has no end yet.</summary>
    public bool HasPartialLine => _end > _start || IsSkipping;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="maxLineBytes">The longest line that is read.</param>
    /// <param name="atEnd">True to begin behind what it holds.</param>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static LogFile Open(string path, int maxLineBytes, bool atEnd)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            var (identity, size) = FileIdentity.Of(handle);
            var file = new LogFile(handle, identity, maxLineBytes);
            if (atEnd)
                file.MoveTo(size);
            file.Commit();
            return file;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Goes on where it was left; false where this is not the file, or it is no longer what it was.</summary>
    public bool TryResume(LogPosition position)
    {
        var (identity, size) = FileIdentity.Of(_handle);
        if (identity != position.Identity || size < position.Offset || position.HeadBytes is < 0 or > MostHeadBytes || position.HeadBytes > position.Offset)
            return false;
        var head = new byte[position.HeadBytes];
        if (RandomAccess.Read(_handle, head, 0) != head.Length || HashOf(head) != position.HeadHash)
            return false;
        MoveTo(position.Offset);
        IsSkipping = position.IsSkipping;
        Commit();
        return true;
    }

    /// <summary>How long the file is by now, in bytes.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public long Size => FileIdentity.Of(_handle).Size;

    /// <summary>Reads on.</summary>
    /// <param name="limit">Where to stop, in bytes from the file's start.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public LogProgress Fill(long limit)
    {
        var size = Size;
        var position = Offset + (_end - _start);
        if (size == _lastSize && size == position)
            return LogProgress.AtEnd;
        _lastSize = size;
        if (IsReplaced(size, position))
            return StartAgain();
        var available = Math.Min(size, limit) - position;
        if (available <= 0)
            return LogProgress.AtEnd;
        MakeRoom();
        var read = RandomAccess.Read(_handle, _buffer.AsSpan(_end, (int)Math.Min(available, ChunkBytes)), position);
        // It may have been replaced while it was read: then these bytes are of two files.
        if (IsReplaced(Size, position + read))
            return StartAgain();
        if (position < MostHeadBytes)
        {
            var more = (int)Math.Min(read, MostHeadBytes - position);
            _buffer.AsSpan(_end, more).CopyTo(_head.AsSpan((int)position));
            _headBytes = (int)position + more;
        }

        _end += read;
        return read > 0 ? LogProgress.Read : LogProgress.AtEnd;
    }

    /// <summary>Takes the next line of what was read.</summary>
    /// <param name="line">The line without its end; valid until the next call.</param>
    /// <returns>False where there is no whole line.</returns>
    public LogLine Take(out ReadOnlySpan<byte> line)
    {
        line = default;
        var rest = _buffer.AsSpan(_start, _end - _start);
        var length = rest.IndexOf((byte)'\n');
        if (length < 0)
        {
            if (rest.Length <= _maxLineBytes)
                return LogLine.None;
            Advance(rest.Length);
            if (IsSkipping)
                return LogLine.None;
            IsSkipping = true;
            return LogLine.TooLong;
        }

        Advance(length + 1);
        if (IsSkipping)
        {
            IsSkipping = false;
            return LogLine.EndOfTooLong;
        }

        line = rest[..length];
        return length <= _maxLineBytes ? LogLine.Whole : LogLine.TooLong;
    }

    /// <summary>All lines taken so far have been dealt with.</summary>
    public void Commit()
    {
        var headBytes = (int)Math.Min(_headBytes, Offset);
        Committed = new LogPosition(Identity.Device, Identity.Inode, Offset, headBytes, HashOf(_head.AsSpan(0, headBytes)), IsSkipping);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static string HashOf(ReadOnlySpan<byte> head) => Convert.ToHexStringLower(SHA256.HashData(head));

    // Shorter than what was read of it, or with another beginning: it was emptied (copytruncate), and written again.
    private bool IsReplaced(long size, long position)
    {
        if (size < position)
            return true;
        Span<byte> head = stackalloc byte[_headBytes];
        return RandomAccess.Read(_handle, head, 0) != head.Length || !head.SequenceEqual(_head.AsSpan(0, _headBytes));
    }

    private LogProgress StartAgain()
    {
        MoveTo(0);
        _lastSize = -1;
        return LogProgress.Replaced;
    }

    private void MoveTo(long offset)
    {
        (_start, _end, Offset, IsSkipping) = (0, 0, offset, false);
        _headBytes = RandomAccess.Read(_handle, _head.AsSpan(0, (int)Math.Min(MostHeadBytes, offset)), 0);
    }

    private void Advance(int bytes)
    {
        _start += bytes;
        Offset += bytes;
    }

    private void MakeRoom()
    {
        if (_buffer.Length == 0)
            _buffer = new byte[_maxLineBytes + ChunkBytes];
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
    }
}
