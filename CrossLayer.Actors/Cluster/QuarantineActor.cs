using Akka.Actor;
using Akka.Event;
using Akka.Remote;

namespace CrossLayer.Actors.Cluster;

/// <summary>
/// Hears that another member refuses to speak with this run any more: the others have taken this host out, and it may be the last to know. One
/// that stood still and goes on would else take itself for the majority, with whomever it has heard of last.
/// </summary>
internal sealed class QuarantineActor : ReceiveActor
{
    private readonly ILoggingAdapter _log = Context.GetLogger();

    public QuarantineActor(Action takenOut) => Receive<ThisActorSystemQuarantinedEvent>(quarantined =>
    {
        _log.Warning("{0} does not take this host for a member any more", quarantined.RemoteAddress);
        takenOut();
    });

    public static Props Props(Action takenOut) => Akka.Actor.Props.Create(() => new QuarantineActor(takenOut));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
}
