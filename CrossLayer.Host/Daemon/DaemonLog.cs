using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CrossLayer.Host.Daemon;

/// <summary>The daemon's log: to the error stream, in one of the formats of <see cref="LogFormat"/>, from a level on that can be changed.</summary>
internal sealed class DaemonLog(LogLevel level, LogFormat format)
{
    private const string Ours = nameof(CrossLayer);
    private volatile int _level = (int)level;

    /// <summary>The least that is logged.</summary>
    public LogLevel Level
    {
        get => (LogLevel)_level;
        set => _level = (int)value;
    }

    /// <summary>Sets logging up.</summary>
    public void Configure(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(LogLevel.Trace);
        // What others tell of themselves below a warning helps nobody who runs the daemon.
        logging.AddFilter((category, at) =>
            at >= Level && (at >= LogLevel.Warning || Level < LogLevel.Information || category?.StartsWith(Ours, StringComparison.Ordinal) == true));
        logging.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.FormatterName = Resolve() switch
            {
                LogFormat.Json => ConsoleFormatterNames.Json,
                LogFormat.Systemd => ConsoleFormatterNames.Systemd,
                _ => ConsoleFormatterNames.Simple,
            };
        });
        logging.AddSimpleConsole(Format).AddJsonConsole(Format).AddSystemdConsole();
        logging.AddConsole();
    }

    // JOURNAL_STREAM tells that the error stream is the journal of systemd (systemd.exec(5)).
    private LogFormat Resolve() => format != LogFormat.Auto ? format
        : Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 } ? LogFormat.Systemd : LogFormat.Text;

    private static void Format(ConsoleFormatterOptions options)
    {
        options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        options.UseUtcTimestamp = true;
        if (options is SimpleConsoleFormatterOptions simple)
            (simple.SingleLine, simple.ColorBehavior) = (true, LoggerColorBehavior.Disabled);
    }
}
