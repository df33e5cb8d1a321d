using CrossLayer.Probe.Native;

namespace CrossLayer.Probe.Clock;

/// <summary>The clocks of the kernel, in nanoseconds.</summary>
public static unsafe class KernelClock
{
    /// <summary>CLOCK_MONOTONIC: the clock of kernel events.</summary>
    public static long MonotonicNs() => Read(LibC.ClockMonotonic);

    /// <summary>
    /// A pair of both clocks: the realtime reading lies within <see cref="ClockOffset.ErrorNs"/> of the middle of two
    /// monotonic readings. The best of a few tries, since a try may be interrupted.
    /// </summary>
    public static ClockOffset SampleOffset()
    {
        const int tries = 16;
        var best = default(ClockOffset);
        for (var i = 0; i < tries; i++)
        {
            var before = Read(LibC.ClockMonotonic);
            var realtime = Read(LibC.ClockRealtime);
            var after = Read(LibC.ClockMonotonic);
            var error = (after - before + 1) / 2;
            if (i == 0 || error < best.ErrorNs)
                best = new ClockOffset(before + error, realtime, error);
        }

        return best;
    }

    /// <summary>
    /// The length of the kernel's tick (1/CONFIG_HZ): the resolution of its coarse clocks (kernel/time/timekeeping.c).
    /// </summary>
    public static long JiffyNs()
    {
        LibC.TimeSpec time;
        _ = LibC.clock_getres(LibC.ClockMonotonicCoarse, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }

    private static long Read(int clock)
    {
        LibC.TimeSpec time;
        _ = LibC.clock_gettime(clock, &time);
        return time.Seconds * 1_000_000_000 + time.Nanoseconds;
    }
}
