using System.Diagnostics;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Loading;

/// <summary>Sends requests at an even pace and reports each.</summary>
internal static class LoadGenerator
{
    /// <summary>How long requests in flight may go on when the run is cancelled.</summary>
    public static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Sends the requests, numbered from 1. When it is cancelled it starts no more, gives those in flight
    /// <see cref="CancelGrace"/> to end, reports all that were sent, and returns.
    /// </summary>
    /// <param name="options">What to send.</param>
    /// <param name="report">Takes the record of each request when it is over; one at a time, on any thread.</param>
    /// <param name="progress">Told after each request how many are over; may be null.</param>
    /// <param name="cancellation">Ends the run early, without an exception.</param>
    /// <returns>Counts and latencies of all that were sent.</returns>
    /// <exception cref="Exception">What <paramref name="report"/> threw; the run ends with it.</exception>
    public static async Task<LoadSummary> RunAsync(
        LoadOptions options,
        Action<RequestRecord> report,
        Action<int>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(report);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var giveUp = new CancellationTokenSource();
        await using var grace = stop.Token.Register(() => giveUp.CancelAfter(CancelGrace));
        using var client = new LoadClient(TimeSpan.FromMilliseconds(options.TimeoutMs), options.Concurrency, options.Service);
        using var slots = new SemaphoreSlim(options.Concurrency);
        var summary = new LoadSummary();
        var inFlight = new HashSet<Task>();
        try
        {
            var due = Stopwatch.GetTimestamp();
            for (var number = 1; number <= options.Requests; number++)
            {
                await WaitUntilAsync(due, stop.Token);
                await slots.WaitAsync(stop.Token);
                stop.Token.ThrowIfCancellationRequested();
                due = Stopwatch.GetTimestamp() + (options.IntervalMs * Stopwatch.Frequency / 1000);
                inFlight.RemoveWhere(task => task.IsCompletedSuccessfully);
                inFlight.Add(SendAsync(RequestId.From(number)));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was sent is still reported.
        }

        await Task.WhenAll(inFlight);
        return summary;

        async Task SendAsync(RequestId id)
        {
            try
            {
                var record = await client.SendAsync(id, HttpMethod.Get, options.Url, cancellation: giveUp.Token);
                lock (summary)
                {
                    report(record);
                    summary.Add(record);
                    progress?.Invoke(summary.Count);
                }
            }
            catch
            {
                await stop.CancelAsync();
                throw;
            }
            finally
            {
                slots.Release();
            }
        }
    }

    private static async Task WaitUntilAsync(long due, CancellationToken cancellation)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, cancellation);
        cancellation.ThrowIfCancellationRequested();
    }
}
