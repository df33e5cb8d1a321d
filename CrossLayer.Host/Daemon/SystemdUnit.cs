using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace CrossLayer.Host.Daemon;

/// <summary>
/// What the daemon tells the manager that started it (sd_notify(3)): ready, reloading, stopping, how it is, and, as long as it is well, that
/// it lives. Without a manager that wants to know, nothing.
/// </summary>
internal sealed class SystemdUnit : IAsyncDisposable
{
    private const int UsPerMs = 1000;

    private readonly SystemdNotifier _notifier = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _watchdog = Task.CompletedTask;

    /// <summary>Ready; and from now on alive, as long as <paramref name="isWell"/> says so.</summary>
    /// <param name="isWell">Asked twice in the manager's watchdog time; where it says no, the manager is not told, and will end the daemon.</param>
    public void Ready(Func<bool> isWell)
    {
        _notifier.Notify(ServiceState.Ready);
        if (WatchdogTime() is { } time)
            _watchdog = WatchAsync(time / 2, isWell);
    }

    /// <summary>One line on how it is.</summary>
    public void Status(string line) => _notifier.Notify(new ServiceState($"STATUS={line}"));

    /// <summary>The configuration is being read again, until <see cref="Reloaded"/>.</summary>
    public void Reloading() => _notifier.Notify(new ServiceState(string.Create(
        CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={Probe.Clock.KernelClock.MonotonicNs() / UsPerMs}")));

    /// <summary>It was read.</summary>
    public void Reloaded() => _notifier.Notify(ServiceState.Ready);

    /// <summary>Stopping.</summary>
    public void Stopping() => _notifier.Notify(ServiceState.Stopping);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watchdog;
        _stop.Dispose();
    }

    private async Task WatchAsync(TimeSpan interval, Func<bool> isWell)
    {
        using var timer = new PeriodicTimer(interval);
        try
        {
            do
            {
                if (isWell())
                    _notifier.Notify(new ServiceState("WATCHDOG=1"));
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
    }

    // WATCHDOG_PID says whose the time is; starting again without privileges keeps the process.
    private static TimeSpan? WatchdogTime()
    {
        var whose = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        return (whose is null || whose == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            && long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var us) && us > 0
            ? TimeSpan.FromMicroseconds(us)
            : null;
    }
}
