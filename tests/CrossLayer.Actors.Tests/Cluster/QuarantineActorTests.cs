using Akka.Actor;
using Akka.Remote;
using Akka.TestKit.Xunit2;
using CrossLayer.Actors.Cluster;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class QuarantineActorTests : TestKit
{
    [Fact]
    public async Task Whom_another_member_refuses_is_taken_out()
    {
        var watch = Sys.ActorOf(QuarantineActor.Props(() => TestActor.Tell("taken out")));
        await watch.Ask<ActorIdentity>(new Identify(null), RemainingOrDefault); // it has begun to listen

        Sys.EventStream.Publish(new ThisActorSystemQuarantinedEvent(new Address("akka.tcp", "crosslayer", "10.0.0.1", 4053), new Address("akka.tcp", "crosslayer", "10.0.0.2", 4053)));

        await ExpectMsgAsync("taken out");
    }
}
