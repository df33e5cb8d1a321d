using Akka.Actor;

namespace CrossLayer.Actors.Tests.Cluster;

/// <summary>The time of a scheduler, which the test moves on.</summary>
internal sealed class SchedulerTime(IScheduler scheduler) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => scheduler.Now.Ticks;
}
