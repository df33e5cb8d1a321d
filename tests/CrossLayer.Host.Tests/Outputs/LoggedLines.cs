using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>A log that keeps its lines.</summary>
internal sealed class LoggedLines : ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyList<string> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
}
