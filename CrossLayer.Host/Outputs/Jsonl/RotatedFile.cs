using System.Globalization;

namespace CrossLayer.Host.Outputs.Jsonl;

/// <summary>
/// A file that lines are appended to, put aside as <c>.1</c> before it would grow beyond its size; <c>.1</c> becomes <c>.2</c>, and so on. Not
/// safe for several threads.
/// </summary>
/// <param name="path">The file; its folder is made as needed.</param>
/// <param name="maxBytes">Its size at most. A line that is longer has a file of its own.</param>
/// <param name="keep">How many are kept beside it.</param>
internal sealed class RotatedFile(string path, long maxBytes, int keep) : IDisposable
{
    private const byte NewLine = (byte)'\n';

    private FileStream? _file;

    /// <summary>Appends a line, which does not end with one yet.</summary>
    /// <exception cref="IOException">The disk did not take it; the file is opened anew for the next.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        try
        {
            _file ??= Open();
            if (_file.Length > 0 && _file.Length + line.Length + 1 > maxBytes)
                Rotate();
            _file!.Write(line);
            _file.WriteByte(NewLine);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Hands what was appended to the system.</summary>
    /// <exception cref="IOException">The disk did not take it; the file is opened anew for the next.</exception>
    public void Flush()
    {
        try
        {
            _file?.Flush();
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Opens the file by its name again: whoever rotates files has renamed it.</summary>
    public void Reopen() => Close();

    /// <inheritdoc/>
    public void Dispose() => Close();

    private FileStream Open()
    {
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            // A crash may have left half a line: it stays alone, so that all others can be read.
            if (file.Seek(0, SeekOrigin.End) > 0)
            {
                file.Position--;
                if (file.ReadByte() != NewLine)
                    file.WriteByte(NewLine);
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Rotate()
    {
        _file!.Flush(); // fails where Close could not say so
        Close();
        for (var i = keep; i >= 1; i--)
        {
            var from = i == 1 ? path : Numbered(i - 1);
            if (File.Exists(from))
                File.Move(from, Numbered(i), overwrite: true);
        }

        if (keep == 0)
            File.Delete(path);
        _file = Open();
    }

    private string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");

    private void Close()
    {
        var file = _file;
        _file = null;
        try
        {
            file?.Dispose();
        }
        catch (IOException)
        {
            // What it still held was counted as not written by whoever was told of the first failure.
        }
    }
}
