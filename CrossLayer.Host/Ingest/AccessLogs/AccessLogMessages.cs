using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>What the follower of a log tells people.</summary>
internal static partial class AccessLogMessages
{
    /// <summary>A log cannot be followed for now.</summary>
    [LoggerMessage(LogLevel.Warning, "access log {Path}: {Problem}; trying again")]
    public static partial void LogProblem(this ILogger logger, string path, string problem);

    /// <summary>It can again.</summary>
    [LoggerMessage(LogLevel.Information, "access log {Path}: followed again")]
    public static partial void LogFollowed(this ILogger logger, string path);

    /// <summary>A file was emptied.</summary>
    [LoggerMessage(LogLevel.Information, "access log {Path}: was emptied (copytruncate); read again from its start")]
    public static partial void LogReplaced(this ILogger logger, string path);

    /// <summary>The first line that cannot be used.</summary>
    [LoggerMessage(LogLevel.Warning, "access log {Path}: cannot use the line at byte {Offset}: {Reason}; expected lines in the format of config/{Format}/. Further ones are counted")]
    public static partial void LogMalformed(this ILogger logger, string path, long offset, string reason, string format);

    /// <summary>The pipeline takes nothing.</summary>
    [LoggerMessage(LogLevel.Warning, "access log {Path}: the pipeline is full; the log waits")]
    public static partial void LogWaiting(this ILogger logger, string path);

    /// <summary>The pipeline failed.</summary>
    [LoggerMessage(LogLevel.Error, "access log {Path}: the pipeline did not answer; offering the lines again")]
    public static partial void LogNotTaken(this ILogger logger, Exception exception, string path);

    /// <summary>A file was rotated away for good while nobody followed.</summary>
    [LoggerMessage(LogLevel.Warning, "access log {Path}: the file that was read up to byte {Offset} is gone, or was emptied, since this program ended; what was written to it after that is not read")]
    public static partial void LogLost(this ILogger logger, string path, long offset);

    /// <summary>Positions cannot be read.</summary>
    [LoggerMessage(LogLevel.Warning, "access log {Path}: cannot read where it was left, in {State}: {Reason}")]
    public static partial void LogNoPositions(this ILogger logger, string path, string state, string reason);

    /// <summary>Positions cannot be written.</summary>
    [LoggerMessage(LogLevel.Warning, "access log {Path}: cannot keep where it was left, in {State}: {Reason}; trying again")]
    public static partial void LogUnsaved(this ILogger logger, string path, string state, string reason);
}
