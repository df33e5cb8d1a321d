using CrossLayer.Actors.Kernel;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Host.Outputs.Health;

/// <summary>Gathers what health is judged by. Safe for several threads.</summary>
/// <param name="readings">The rest of the daemon.</param>
/// <param name="time">Tells the time.</param>
internal sealed class HealthGatherer(DaemonReadings readings, TimeProvider time)
{
    // An actor answers in microseconds; one that is this late is stuck, and a check must answer before its asker gives up.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly Lock _gate = new();
    private DateTimeOffset? _heartbeat;
    private DateTimeOffset? _probeUp;

    /// <summary>The graph gave a batch.</summary>
    public void Beat()
    {
        lock (_gate)
            _heartbeat = time.GetUtcNow();
    }

    /// <summary>How the probe is doing; null where its actor does not answer in time.</summary>
    public async Task<ProbeStatus?> ProbeAsync()
    {
        try
        {
            return await readings.Probe().WaitAsync(AnswerTimeout, time);
        }
#pragma warning disable CA1031 // whatever it is: no answer, which is what is reported
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    /// <summary>What is known now.</summary>
    public async Task<HealthSnapshot> GatherAsync()
    {
        var probe = await ProbeAsync();
        var now = time.GetUtcNow();
        lock (_gate)
        {
            // Nobody tells when evidence began: it is the time at which it was first seen to be there.
            _probeUp = probe is { Outage: null } ? _probeUp ?? now : null;
            return new HealthSnapshot(
                now, KernelClock.MonotonicNs(), _started, _heartbeat, readings.ActorsAlive(), probe, _probeUp ?? now, readings.Journal(), readings.Sources());
        }
    }
}
