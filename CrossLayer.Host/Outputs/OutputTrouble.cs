using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Outputs;

/// <summary>Whether an output works, said in the log when that changes, and not each time.</summary>
/// <param name="output">The output's name in metrics.</param>
/// <param name="logger">The log.</param>
internal sealed partial class OutputTrouble(string output, ILogger logger)
{
    private volatile string? _failure;

    /// <summary>Why it does not work, in one line; null while it does.</summary>
    public string? Failure => _failure;

    /// <summary>It did not work just now.</summary>
    /// <param name="why">In one line.</param>
    public void Failed(string why)
    {
        if (_failure is null)
            LogFailed(logger, output, why);
        _failure = why;
    }

    /// <summary>It worked just now.</summary>
    public void Worked()
    {
        if (_failure is not null)
            LogWorks(logger, output);
        _failure = null;
    }

    [LoggerMessage(LogLevel.Warning, "output {Output}: {Why}; what it drops is counted (crosslayer_output_events_total)")]
    private static partial void LogFailed(ILogger logger, string output, string why);

    [LoggerMessage(LogLevel.Information, "output {Output}: works again")]
    private static partial void LogWorks(ILogger logger, string output);
}
