using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>Follows all logs of the configuration, each by itself.</summary>
/// <param name="settings">Which logs, and how.</param>
/// <param name="intake">Takes their records.</param>
/// <param name="logger">Is told what is wrong with a log.</param>
/// <param name="time">Times the looks at the logs.</param>
internal sealed class AccessLogFollower(AccessLogSettings settings, RecordIntake intake, ILogger logger, TimeProvider time) : IAsyncDisposable
{
    private readonly AccessLogTail[] _tails = [.. settings.Logs.Select(log => new AccessLogTail(log, settings, intake, logger, time))];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abort = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Each log's path, and what keeps it from being followed; null where nothing does.</summary>
    public IReadOnlyList<(string Path, string? Problem)> Logs => [.. _tails.Select(tail => (tail.Path, tail.Problem))];

    /// <summary>Completes when all logs have ended; faults where following one failed for a reason that is no log's, which ends the others.</summary>
    public Task Completion => _running;

    /// <summary>Begins: what is written to the logs once this returns is read. A log that cannot be read is no error: it is told to the logger, and tried again.</summary>
    public Task StartAsync(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        foreach (var tail in _tails)
            tail.Begin();
        _running = Task.WhenAll(_tails.Select(tail => Task.Run(() => FollowAsync(tail), CancellationToken.None)));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Ends. What the logs hold by now is read first, as far as the pipeline takes it; the rest is read when the program starts
    /// again.
    /// </summary>
    /// <param name="cancellation">Cancelled, it ends at once.</param>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await _stopping.CancelAsync();
        await using var _ = cancellation.Register(_abort.Cancel);
        try
        {
            await _running;
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            // As it was told to. Lines that were under way come again at the next start.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
        _abort.Dispose();
    }

    private async Task FollowAsync(AccessLogTail tail)
    {
        try
        {
            await tail.RunAsync(_stopping.Token, _abort.Token);
        }
        catch
        {
            await _stopping.CancelAsync();
            throw;
        }
    }
}
