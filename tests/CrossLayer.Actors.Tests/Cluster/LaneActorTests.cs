using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Configuration;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Tests.Hosts;

namespace CrossLayer.Actors.Tests.Cluster;

/// <summary>One lane, and hosts that are probes of the test.</summary>
public sealed class LaneActorTests : TestKit
{
    private static readonly Config VirtualTime = """akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """;

    private readonly ClusterSettings _settings = ClusterSettings.From(DefaultConfiguration.Load());
    private readonly TestProbe _client;
    private readonly TestProbe _server;
    private readonly IActorRef _lane;
    private volatile bool _clientIsMember = true;

    public LaneActorTests() : base(VirtualTime)
    {
        (_client, _server) = (CreateTestProbe(), CreateTestProbe());
        _lane = Sys.ActorOf(LaneActor.Props(new CorrelationSettings(), _settings, host => host != Halves.ClientHost || _clientIsMember, new SchedulerTime(Sys.Scheduler)));
    }

    [Fact]
    public void The_server_s_host_is_given_the_request_until_it_has_it_and_then_both_are_told_to_be_done()
    {
        _lane.Tell(Of(Halves.ClientHost, Halves.OfClient(100)), _client);
        _lane.Tell(Of(Halves.ServerHost, Halves.OfServer(100)), _server);
        var joined = Pass<JoinedBatch>(_server, 1);
        Assert.Equal(Verdict.Healthy, Assert.Single(joined.Requests).Correlation!.Finding.Verdict);
        // It did not say that it has it: it is given again.
        Assert.Single(Pass<JoinedBatch>(_server, 4).Requests);

        _lane.Tell(new JoinedTaken([joined.Requests[0].Halves[0]]), _server);

        Assert.Equal([1L], _client.ExpectMsg<HalvesSettled>().Numbers);
        Assert.Equal([1L], _server.ExpectMsg<HalvesSettled>().Numbers);
        Advance(10);
        _server.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void A_half_that_comes_once_more_after_it_was_settled_is_settled_once_more_and_makes_no_request()
    {
        The_server_s_host_is_given_the_request_until_it_has_it_and_then_both_are_told_to_be_done();
        _lane.Tell(Of(Halves.ClientHost, Halves.OfClient(100)), _client);
        Assert.Equal([1L], _client.ExpectMsg<HalvesSettled>().Numbers);
        Advance(10);
        _server.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void The_other_end_s_host_is_asked_and_a_request_that_it_knows_nothing_of_is_decided()
    {
        Introduce();
        _lane.Tell(Of(Halves.ClientHost, Halves.OfClient(5000, start: 100, number: 2)), _client);
        var ask = Pass<AskPeer>(_server, 3);
        var (connection, ageMs) = Assert.Single(ask.Connections);
        Assert.Equal(Halves.OfClient(1).Connection, connection);
        _lane.Tell(new PeerAnswer(ask.Number, [(PeerView.Busy, null)], null), _server);
        var again = Pass<AskPeer>(_server, 3);
        // It was over after 4 ms, its window closed 1.5 s later; since then it waits here.
        Assert.InRange(ageMs, 1504 + 2000, 1504 + 3000);
        Assert.InRange(again.Connections[0].AgeMs, ageMs + 2000, ageMs + 3000);
        _lane.Tell(new PeerAnswer(again.Number, [(PeerView.Nothing, null)], null), _server);

        var request = Assert.Single(Pass<JoinedBatch>(_server, 1).Requests);
        Assert.Equal(Verdict.Inconclusive, request.Correlation!.Finding.Verdict);
    }

    [Fact]
    public void A_member_that_does_not_answer_is_asked_again()
    {
        Introduce();
        _lane.Tell(Of(Halves.ServerHost, Halves.OfServer(5000, start: 100, number: 2)), _server);
        // The first question, or its answer, gets lost.
        var lost = Pass<AskPeer>(_client, 3);

        var again = Pass<AskPeer>(_client, 6);

        Assert.NotEqual(lost.Number, again.Number);
        Assert.False(_server.HasMessages);
        _lane.Tell(Of(Halves.ClientHost, Halves.OfClient(5000, start: 100, number: 2)), _client);
        var request = Assert.Single(Pass<JoinedBatch>(_server, 1).Requests);
        Assert.Equal(Verdict.Healthy, request.Correlation!.Finding.Verdict);
    }

    [Fact]
    public void A_member_that_never_answers_makes_its_requests_inconclusive_before_their_host_gives_them_up()
    {
        Introduce();
        _lane.Tell(Of(Halves.ServerHost, Halves.OfServer(5000, start: 100, number: 2) with { WaitedMs = 30_000 }), _server);

        var request = Assert.Single(Pass<JoinedBatch>(_server, (int)_settings.GiveUpAfter.TotalSeconds - 30 + 4).Requests);

        Assert.Equal(Verdict.Inconclusive, request.Correlation!.Finding.Verdict);
    }

    [Fact]
    public void A_host_that_does_not_answer_and_is_no_member_makes_its_requests_inconclusive()
    {
        Introduce();
        _clientIsMember = false;
        _lane.Tell(Of(Halves.ServerHost, Halves.OfServer(5000, start: 100, number: 2)), _server);
        Pass<AskPeer>(_client, 3);

        var request = Assert.Single(Pass<JoinedBatch>(_server, 6).Requests);

        Assert.Equal(Verdict.Inconclusive, request.Correlation!.Finding.Verdict);
        Assert.Contains("does not answer", request.Correlation.Finding.Reason, StringComparison.Ordinal);
    }

    /// <summary>Both hosts have sent something: the lane knows where they are.</summary>
    private void Introduce()
    {
        _lane.Tell(Of(Halves.ClientHost, Halves.OfClient(100)), _client);
        _lane.Tell(Of(Halves.ServerHost, Halves.OfServer(100)), _server);
        _lane.Tell(new JoinedTaken([Pass<JoinedBatch>(_server, 1).Requests[0].Halves[0]]), _server);
        _client.ExpectMsg<HalvesSettled>();
        _server.ExpectMsg<HalvesSettled>();
    }

    private static HalfBatch Of(string host, RequestHalf half) => new(0, host, null, [half]);

    /// <summary>Time passes in steps, once what was told has arrived, until a message comes or so many seconds have passed.</summary>
    private T Pass<T>(TestProbe host, int seconds)
    {
        for (var step = 0; step < seconds * 5 && !host.HasMessages; step++)
        {
            // An answer from the lane itself: what was told before it is worked off.
            _lane.Ask<ActorIdentity>(new Identify(null), RemainingOrDefault).Wait(RemainingOrDefault);
            Advance(0.2);
            _lane.Ask<ActorIdentity>(new Identify(null), RemainingOrDefault).Wait(RemainingOrDefault);
        }

        return host.ExpectMsg<T>();
    }

    private void Advance(double seconds) => ((TestScheduler)Sys.Scheduler).Advance(TimeSpan.FromSeconds(seconds));
}
