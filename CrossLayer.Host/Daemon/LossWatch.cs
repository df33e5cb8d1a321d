using Akka.Actor;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Kernel;

namespace CrossLayer.Host.Daemon;

/// <summary>Tells the summaries again and again how many kernel events are lost by now, so that each counts in the interval in which it was lost.</summary>
internal sealed class LossWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Func<Task<ProbeStatus>> _probe;
    private readonly IActorRef _summaries;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <summary>Begins to ask.</summary>
    /// <param name="probe">How the probe is doing.</param>
    /// <param name="summaries">Is told <see cref="SummaryActor.LostEvents"/>.</param>
    public LossWatch(Func<Task<ProbeStatus>> probe, IActorRef summaries)
    {
        (_probe, _summaries) = (probe, summaries);
        _watching = WatchAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
                await TellAsync();
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // told to end
        }
    }

    private async Task TellAsync()
    {
        try
        {
            var status = await _probe().WaitAsync(_stop.Token);
            _summaries.Tell(new SummaryActor.LostEvents((long)(status.Counters.Lost + status.Counters.Missed)));
        }
        catch (AskTimeoutException)
        {
            // Health says so; the count is a total, and comes with the next answer.
        }
    }
}
