using Akka.Actor;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Kernel;
using CrossLayer.Host.Daemon;
using CrossLayer.Probe.Clock;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Host.Tests.Daemon;

public sealed class LossWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Summaries_hear_of_a_loss_while_the_daemon_runs_also_after_a_probe_that_did_not_answer()
    {
        using var system = ActorSystem.Create("loss-watch");
        using var clock = new ClockSampler();
        using var summaries = Inbox.Create(system);
        var answers = 0;
        await using var watch = new LossWatch(Probe, summaries.Receiver);

        Assert.Equal(new SummaryActor.LostEvents(0), await summaries.ReceiveAsync(Patience));
        Assert.Equal(new SummaryActor.LostEvents(7), await summaries.ReceiveAsync(Patience));

        Task<ProbeStatus> Probe() => Interlocked.Increment(ref answers) switch
        {
            1 => Task.FromResult(Status(default)),
            2 => Task.FromException<ProbeStatus>(new AskTimeoutException("too late")),
            _ => Task.FromResult(Status(new ProbeCounters(100, 93, 5, 2))),
        };

        ProbeStatus Status(ProbeCounters counters) => new(null, [], counters, clock.History);
    }
}
