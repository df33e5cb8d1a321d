using System.Threading.Channels;
using Microsoft.Extensions.Hosting;

namespace CrossLayer.Client;

/// <summary>
/// Sends what an application reports, in the background and in batches. Never holds the application up and never fails it: what finds the
/// queue full, or cannot be delivered, is dropped and counted.
/// </summary>
public sealed class CrossLayerReporter : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly CrossLayerOptions _options;
    private readonly Channel<RequestReport> _queue;
    private readonly IReportSender _sender;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private Task? _sending;
    private long _sent;
    private long _dropped;

    /// <summary>A reporter; it begins to send with the first report.</summary>
    public CrossLayerReporter(CrossLayerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _queue = Channel.CreateBounded<RequestReport>(new BoundedChannelOptions(options.MaxQueued) { SingleReader = true });
        _sender = options.Endpoint.Scheme == "unix" ? new UnixSender(options) : new HttpSender(options);
    }

    /// <summary>Records that the daemon took.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Records that were not delivered: the queue was full, or the daemon was not there or did not take them.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what waits, as long as there is time.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task? sending;
        lock (_lock)
        {
            _queue.Writer.TryComplete();
            sending = _sending;
        }

        if (sending is null)
            return;
        try
        {
            await sending.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await _end.CancelAsync(); // the rest is counted as dropped
            await sending;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(_options.SendTimeout);
        await StopAsync(patience.Token);
        _sender.Dispose();
        _end.Dispose();
    }

    /// <summary>Takes a report; returns at once.</summary>
    internal void Report(RequestReport report)
    {
        if (!_queue.Writer.TryWrite(report))
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        if (Volatile.Read(ref _sending) is null)
        {
            lock (_lock)
                _sending ??= Task.Run(SendAsync);
        }
    }

    private async Task SendAsync()
    {
        var batch = new List<RequestReport>();
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            if (_queue.Reader.Count < _options.BatchSize && !_queue.Reader.Completion.IsCompleted)
                await PauseAsync(_options.FlushInterval);
            while (batch.Count < _options.BatchSize && _queue.Reader.TryRead(out var report))
                batch.Add(report);
            await DeliverAsync(batch);
            batch.Clear();
        }
    }

    private async Task DeliverAsync(List<RequestReport> batch)
    {
        var pause = FirstPause;
        for (var attempt = 0; batch.Count > 0 && !_end.IsCancellationRequested; attempt++)
        {
            if (attempt > 0)
            {
                await PauseAsync(pause);
                pause *= 2;
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            patience.CancelAfter(_options.SendTimeout);
            var (taken, mayRetry) = await _sender.SendAsync(batch, patience.Token);
            Interlocked.Add(ref _sent, taken);
            batch.RemoveRange(0, taken);
            if (!mayRetry || attempt == _options.Retries)
                break;
        }

        Interlocked.Add(ref _dropped, batch.Count);
    }

    private async Task PauseAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _end.Token);
        }
        catch (OperationCanceledException)
        {
            // The end: what waits is taken out and counted.
        }
    }
}
