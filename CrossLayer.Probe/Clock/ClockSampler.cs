namespace CrossLayer.Probe.Clock;

/// <summary>Keeps a <see cref="ClockHistory"/> up to date for as long as it lives.</summary>
public sealed class ClockSampler : IDisposable
{
    /// <summary>A step of the wall clock is at most so much older than the sample that shows it.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Timer _timer;

    /// <summary>Takes the first sample.</summary>
    public ClockSampler()
    {
        History = new ClockHistory(KernelClock.SampleOffset()) { Sample = KernelClock.SampleOffset };
        _timer = new Timer(_ => History.Refresh(), null, Interval, Interval);
    }

    /// <summary>What was sampled; it stays readable.</summary>
    public ClockHistory History { get; }

    /// <summary>Ends the sampling.</summary>
    public void Dispose() => _timer.Dispose();
}
