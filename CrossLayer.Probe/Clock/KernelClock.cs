using System.Diagnostics;
using CrossLayer.Probe.Native;

namespace CrossLayer.Probe.Clock;

/// <summary>The clocks of the kernel, in nanoseconds.</summary>
public static unsafe class KernelClock
{
    private const long NsPerTick = 100; // of DateTime, which is cut to it

    /// <summary>CLOCK_MONOTONIC: the clock of kernel events.</summary>
    public static long MonotonicNs() => Stopwatch.GetTimestamp(); // of that clock, a nanosecond each (src/native/minipal/time.c of the runtime)

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
            var before = MonotonicNs();
            var realtime = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * NsPerTick;
            var after = MonotonicNs();
            var half = (after - before + 1) / 2;
            if (i == 0 || half + NsPerTick < best.ErrorNs)
                best = new ClockOffset(before + half, realtime, half + NsPerTick);
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
}
