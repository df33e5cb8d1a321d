namespace CrossLayer.Evaluation.Cluster;

/// <summary>The lines of a file that somebody else appends to, as they come.</summary>
internal sealed class LineTail(string path)
{
    private long _read;

    /// <summary>What has come since the last call, whole lines; empty if nothing has.</summary>
    internal byte[] Read()
    {
        if (!File.Exists(path))
            return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // A program that was started again may have begun the file anew.
        if (file.Length < _read)
            _read = 0;
        file.Position = _read;
        var bytes = new byte[file.Length - _read];
        file.ReadExactly(bytes);
        var whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        _read += whole;
        return bytes[..whole];
    }
}
