using Akka.Actor;
using Akka.Event;

namespace CrossLayer.Actors.Journal;

/// <summary>
/// Keeps the journal within <see cref="JournalSettings.KeepFor"/> and <see cref="JournalSettings.KeepAtMost"/>: looks every
/// <see cref="JournalSettings.TrimEvery"/>, and at its start. Answers <see cref="GetRetentionStatus"/>.
/// </summary>
#pragma warning disable CA1001 // what it owns is disposed of in PostStop
public sealed class JournalRetention : ReceiveActor, IWithTimers
#pragma warning restore CA1001
{
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _end = new();
    private RetentionStatus _status = new(0, 0, null);
    private bool _running;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public JournalRetention(JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var (trim, database, every) = (new JournalTrim(settings), JournalDatabase.Of(settings), settings.TrimEvery);
        Receive<Trim>(trigger =>
        {
            if (_running)
                return;
            _running = true;
            var (now, end) = (Context.System.Scheduler.Now, _end.Token);
            _ = Task.Run(() => trim.RunAsync(now, end), end)
                .PipeTo(Self, success: deleted => new Trimmed(deleted, null), failure: e => new Trimmed(0, e));
        });
        Receive<Trimmed>(trimmed =>
        {
            _running = false;
            Timers.StartSingleTimer(Trim.Key, Trim.Key, every);
            var failure = trimmed.Failure is null ? null : database.Reason(trimmed.Failure);
            if (failure is not null && _status.Failure is null)
                _log.Warning("The journal {0} cannot be trimmed: {1}; it is tried again every {2}.", settings.Name, failure, every);
            if (trimmed.Deleted > 0)
                _log.Info("{0} events of the journal {1} were older, or more, than is to be kept, and were deleted.", trimmed.Deleted, settings.Name);
            _status = new RetentionStatus(_status.Deleted + trimmed.Deleted, _status.Runs + 1, failure);
        });
        Receive<GetRetentionStatus>(_ => Sender.Tell(_status));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="settings">What to keep of which journal.</param>
    public static Props Props(JournalSettings settings) => Akka.Actor.Props.Create(() => new JournalRetention(settings));

    /// <inheritdoc/>
    protected override void PreStart() => Self.Tell(Trim.Key);

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _end.Cancel();
        _end.Dispose();
    }

    private sealed record Trimmed(long Deleted, Exception? Failure) : INoSerializationVerificationNeeded;

    private sealed class Trim : INoSerializationVerificationNeeded
    {
        public static readonly Trim Key = new();
    }
}

/// <summary>Asks for <see cref="RetentionStatus"/>.</summary>
public sealed record GetRetentionStatus;

/// <summary>What retention has done since the start.</summary>
/// <param name="Deleted">Events deleted.</param>
/// <param name="Runs">How often it looked.</param>
/// <param name="Failure">Why the last time failed; null if it did not.</param>
public sealed record RetentionStatus(long Deleted, long Runs, string? Failure);
