using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace CrossLayer.Host.Files;

/// <summary>
/// A file without a name, for what is read once and needed again: nothing is left of it, however the program ends. Written to its end,
/// and read from then on. Not thread-safe.
/// </summary>
internal sealed class SpoolFile : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly SafeFileHandle _file;
    private readonly ArrayBufferWriter<byte> _pending = new(BufferBytes);
    private byte[] _window = [];
    private long _windowStart;
    private int _windowCount;
    private long _written;

    private SpoolFile(SafeFileHandle file) => _file = file;

    /// <summary>Bytes so far.</summary>
    public long Length => _written + _pending.WrittenCount;

    /// <summary>Makes an empty one.</summary>
    /// <param name="folder">Where there is room for it; is made if it is not there.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public static SpoolFile Create(string folder)
    {
        var path = Path.Combine(folder, $".crosslayer-{Path.GetRandomFileName()}");
        try
        {
            Directory.CreateDirectory(folder);
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
            File.Delete(path);
            return new SpoolFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot write to {folder}: {OneLine.Of(exception.Message)}", exception);
        }
    }

    /// <summary>Appends bytes.</summary>
    /// <exception cref="IOException">The write failed.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _pending.Write(bytes);
        if (_pending.WrittenCount >= BufferBytes)
            Flush();
    }

    /// <summary>Reads bytes that were written; valid until the next call.</summary>
    /// <exception cref="IOException">The read failed.</exception>
    public ReadOnlySpan<byte> Read(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        if (offset < _windowStart || offset + length > _windowStart + _windowCount)
            Fill(offset, length);
        return _window.AsSpan((int)(offset - _windowStart), length);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        RandomAccess.Write(_file, _pending.WrittenSpan, _written);
        _written += _pending.WrittenCount;
        _pending.ResetWrittenCount();
    }

    private void Fill(long offset, int length)
    {
        if (_pending.WrittenCount > 0)
            Flush();
        if (_window.Length < length)
            _window = new byte[Math.Max(BufferBytes, length)];
        (_windowStart, _windowCount) = (offset, 0);
        while (_windowCount < length)
        {
            var read = RandomAccess.Read(_file, _window.AsSpan(_windowCount), offset + _windowCount);
            if (read == 0)
                throw new IOException($"a temporary file ends at {offset + _windowCount}, before {offset + length}");
            _windowCount += read;
        }
    }
}
