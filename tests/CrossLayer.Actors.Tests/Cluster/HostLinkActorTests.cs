using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Tests.Hosts;
using CrossLayer.Actors.Tests.Journal;

namespace CrossLayer.Actors.Tests.Cluster;

/// <summary>A host's link, and lanes that are a probe of the test.</summary>
public sealed class HostLinkActorTests : TestKit
{
    private static readonly Config VirtualTime = """akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """;

    private readonly ClusterSettings _settings = ClusterSettings.From(DefaultConfiguration.Load()) with { MaxHalves = 2 };
    private readonly Channel<IReadOnlyList<Correlation>> _joined = Channel.CreateUnbounded<IReadOnlyList<Correlation>>();
    private readonly TestProbe _lanes;
    private readonly IActorRef _link;
    private ClusterCounters _counters;

    public HostLinkActorTests() : base(VirtualTime)
    {
        _lanes = CreateTestProbe();
        _link = Sys.ActorOf(HostLinkActor.Props(_settings, new CorrelationSettings(), Halves.ServerHost, _lanes, _joined.Writer, (counters, _, _) => _counters = counters,
            new SchedulerTime(Sys.Scheduler)));
    }

    [Fact]
    public void Halves_are_sent_until_they_are_settled()
    {
        _link.Tell(new HostLinkActor.Outgoing([Halves.OfServer(1)]));
        Assert.Single(Pass(1).Halves);
        Assert.Single(Pass(4).Halves);
        _link.Tell(new HalvesSettled([1]));
        Settle();
        for (var i = 0; i < 50; i++)
            Advance();
        _lanes.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
        Assert.Equal(1, _counters.Again);
    }

    [Fact]
    public void What_was_decided_is_taken_once_and_acknowledged_each_time()
    {
        var id = new HalfId(Halves.ClientHost, 7);
        var batch = new JoinedBatch([new JoinedRequest([id, new HalfId(Halves.ServerHost, 1)], Halves.ServerHost, Samples.Full)]);
        _link.Tell(batch, _lanes);
        _link.Tell(batch, _lanes);
        // From another lane, which had only the one half of it again.
        _link.Tell(new JoinedBatch([new JoinedRequest([id], Halves.ServerHost, Samples.Full)]), _lanes);

        for (var i = 0; i < 3; i++)
            Assert.Equal([id], _lanes.ExpectMsg<JoinedTaken>().First);
        Assert.True(_joined.Reader.TryRead(out var taken));
        Assert.Equal(Samples.Full, Assert.Single(taken));
        Assert.False(_joined.Reader.TryRead(out _));
    }

    [Fact]
    public void What_finds_no_room_is_inconclusive_at_once()
    {
        _link.Tell(new HostLinkActor.Outgoing([Halves.OfServer(1), Halves.OfServer(2, start: 100), Halves.OfServer(3, start: 200)]));
        Settle();
        Assert.True(_joined.Reader.TryRead(out var refused));
        Assert.Contains("max-halves", Assert.Single(refused).Finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_given_up_is_not_reported_again_when_it_comes_decided()
    {
        _link.Tell(new HostLinkActor.Outgoing([Halves.OfServer(1)]));
        Settle();
        Scheduler.Advance(_settings.GiveUpAfter + TimeSpan.FromSeconds(6));
        Settle();
        Assert.True(_joined.Reader.TryRead(out _));

        _link.Tell(new JoinedBatch([new JoinedRequest([new HalfId(Halves.ClientHost, 7), new HalfId(Halves.ServerHost, 1)], Halves.ServerHost, Samples.Full)]), _lanes);

        _lanes.FishForMessage(message => message is JoinedTaken);
        Assert.False(_joined.Reader.TryRead(out _));
        Advance();
        Settle();
        Assert.Equal(1, _counters.Twice);
    }

    [Fact]
    public void Lanes_that_decide_as_late_as_they_may_have_time_to_say_so()
    {
        _link.Tell(new HostLinkActor.Outgoing([Halves.OfServer(1)]));
        Settle();
        Scheduler.Advance(_settings.GiveUpAfter + TimeSpan.FromSeconds(4));
        Settle();
        _link.Tell(new HalvesSettled([1]));
        Scheduler.Advance(TimeSpan.FromSeconds(4));
        Settle();
        Assert.False(_joined.Reader.TryRead(out _));
    }

    [Fact]
    public void What_nobody_settles_in_time_is_inconclusive_and_counted()
    {
        _link.Tell(new HostLinkActor.Outgoing([Halves.OfServer(1)]));
        Settle();
        Scheduler.Advance(_settings.GiveUpAfter + TimeSpan.FromSeconds(6));
        Settle();
        Assert.True(_joined.Reader.TryRead(out var givenUp));
        Assert.Equal(Verdict.Inconclusive, Assert.Single(givenUp).Finding.Verdict);
        Assert.Equal(1, _counters.GivenUp);
    }

    [Fact]
    public async Task At_the_end_what_waits_is_given_up_within_seconds_and_nothing_more_comes()
    {
        _link.Tell(new HostLinkActor.Outgoing([Halves.OfServer(1)]));
        _link.Tell(new HostLinkActor.Finish());
        Settle();
        Scheduler.Advance(TimeSpan.FromSeconds(5));
        Settle();
        Assert.True(_joined.Reader.TryRead(out var left));
        Assert.Single(left);
        await _joined.Reader.Completion.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void What_comes_decided_after_the_end_is_not_taken_however_often_it_comes()
    {
        _link.Tell(new HostLinkActor.Finish());
        Settle();
        Advance();
        Settle();
        var batch = new JoinedBatch([new JoinedRequest([new HalfId(Halves.ClientHost, 7)], Halves.ServerHost, Samples.Full)]);

        _link.Tell(batch, _lanes);
        _link.Tell(batch, _lanes);

        // Who is told that it was taken has the halves forgotten, and nobody would report them.
        Settle();
        Assert.False(_lanes.HasMessages);
        Assert.False(_joined.Reader.TryRead(out _));
    }

    [Fact]
    public void A_host_that_ends_answers_that_its_evidence_is_cut_off_and_not_that_it_is_busy()
    {
        var shard = CreateTestProbe();
        _link.Tell(new HostLinkActor.ShardsAre([shard]));
        _link.Tell(new HostLinkActor.Finish());
        _link.Tell(new AskPeer(5, [(Halves.OfClient(1).Connection, 0)]), _lanes);
        Assert.Equal(PeerView.CutOff, Assert.Single(_lanes.ExpectMsg<PeerAnswer>().Views).View);
    }

    [Fact]
    public void A_host_without_a_pipeline_answers_that_its_evidence_is_cut_off()
    {
        _link.Tell(new AskPeer(5, [(Halves.OfClient(1).Connection, 0)]), _lanes);
        var answer = _lanes.ExpectMsg<PeerAnswer>();
        Assert.Equal(5, answer.Number);
        Assert.Equal(PeerView.CutOff, Assert.Single(answer.Views).View);
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    private HalfBatch Pass(int seconds)
    {
        for (var step = 0; step < seconds * 10 && !_lanes.HasMessages; step++)
        {
            Settle();
            Advance();
            Settle();
        }

        return _lanes.ExpectMsg<HalfBatch>();
    }

    private void Advance() => Scheduler.Advance(TimeSpan.FromMilliseconds(100));

    /// <summary>What it was told before is worked off.</summary>
    private void Settle() => _link.Ask<ActorIdentity>(new Identify(null), RemainingOrDefault).Wait(RemainingOrDefault);
}
