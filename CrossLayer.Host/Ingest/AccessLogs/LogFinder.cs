namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>Finds a file of a log again, which may have been renamed since it was read.</summary>
internal static class LogFinder
{
    /// <summary>The file, open where it was left; null where it is not in the log's folder any more, or was emptied.</summary>
    /// <exception cref="IOException">The folder or the file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be read.</exception>
    public static LogFile? Find(string log, LogPosition position, int maxLineBytes)
    {
        var folder = Path.GetDirectoryName(log)!;
        foreach (var path in new[] { log }.Concat(Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : []))
        {
            if (!IsAt(path, position.Identity))
                continue;
            var file = LogFile.Open(path, maxLineBytes, atEnd: false);
            if (file.TryResume(position))
                return file;
            file.Dispose();
            return null;
        }

        return null;
    }

    private static bool IsAt(string path, FileIdentity identity)
    {
        try
        {
            return FileIdentity.Of(path)?.Identity == identity;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // a socket, or not ours to see: not the file
        }
    }
}
