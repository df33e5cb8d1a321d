using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Cluster;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class ServiceJoinActorTests : TestKit
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private volatile string[] _addresses = [];

    public ServiceJoinActorTests()
        : base("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
    {
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    public async Task A_name_that_leads_nowhere_is_asked_again_and_what_it_leads_to_is_tried_once()
    {
        Start("10.0.0.9");
        await AskedAsync();

        _addresses = ["10.0.0.3", "10.0.0.1"];
        await AgainAsync();
        await ExpectMsgAsync("10.0.0.1,10.0.0.3");
        await AgainAsync();

        await ExpectNoMsgAsync(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task Other_addresses_take_the_place_of_those_that_are_being_tried()
    {
        _addresses = ["10.0.0.1"];
        Start("10.0.0.9");
        await AskedAsync();
        await ExpectMsgAsync("10.0.0.1");

        _addresses = ["10.0.0.2", "10.0.0.1"];
        await AgainAsync();

        await ExpectMsgAsync("10.0.0.1,10.0.0.2");
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.1")]
    [InlineData("2001:db8::9", "2001:db8::1")]
    [InlineData("host-9", "2001:db8::1,203.0.113.1")]
    public async Task Only_addresses_of_this_hosts_family_are_tried(string own, string expected)
    {
        _addresses = ["203.0.113.1", "2001:db8::1", "203.0.113.1"];
        Start(own);
        await AskedAsync();

        await ExpectMsgAsync(expected);
    }

    [Fact]
    public async Task Whoever_is_a_member_asks_no_more()
    {
        _addresses = ["10.0.0.1"];
        var join = Start("10.0.0.9");
        await AskedAsync();
        await ExpectMsgAsync("10.0.0.1");
        Watch(join);

        join.Tell(ServiceJoinActor.Joined.Instance);

        await ExpectTerminatedAsync(join);
    }

    private IActorRef Start(string own) => Sys.ActorOf(ServiceJoinActor.Props("members", Resolve, own, addresses => TestActor.Tell(string.Join(',', addresses))));

    private Task<IPAddress[]> Resolve(string name)
    {
        TestActor.Tell(name);
        return _addresses.Length > 0 ? Task.FromResult(_addresses.Select(IPAddress.Parse).ToArray()) : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
    }

    private async Task AskedAsync() => await ExpectMsgAsync("members");

    /// <summary>The timer is set once the answer has come: its time is passed until the name is asked for again.</summary>
    private async Task AgainAsync() => await AwaitAssertAsync(async () =>
    {
        Scheduler.Advance(Interval);
        await ExpectMsgAsync("members", TimeSpan.FromMilliseconds(50));
    });
}
