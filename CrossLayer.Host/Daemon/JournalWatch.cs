using Akka.Actor;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Outputs;

namespace CrossLayer.Host.Daemon;

/// <summary>Asks the journal how it is, again and again, so that whoever reads metrics need not wait for it.</summary>
internal sealed class JournalWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IActorRef _journal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <summary>Begins to ask.</summary>
    public JournalWatch(IActorRef journal)
    {
        _journal = journal;
        _watching = WatchAsync();
    }

    /// <summary>What it said last.</summary>
    public JournalReading Reading { get; private set; } = new(true, null, DateTimeOffset.UtcNow, 0, 0);

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
                Reading = await AskAsync();
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // told to end
        }
    }

    private async Task<JournalReading> AskAsync()
    {
        try
        {
            var status = await _journal.Ask<JournalStatus>(new GetJournalStatus(), Patience, _stop.Token);
            var since = status.Outage?.Since ?? (Reading.Writable ? Reading.Since : DateTimeOffset.UtcNow);
            return new JournalReading(status.Outage is null, status.Outage?.Reason, since, status.Written, status.NotWritten);
        }
        catch (AskTimeoutException)
        {
            return Reading.Writable ? Reading with { Writable = false, Reason = "it does not answer", Since = DateTimeOffset.UtcNow } : Reading;
        }
    }
}
