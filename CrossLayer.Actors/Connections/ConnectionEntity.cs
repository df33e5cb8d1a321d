using Akka.Actor;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Hosts;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Connections;

/// <summary>
/// One connection: brings its records and exchanges to windows (<see cref="ConnectionCorrelator"/>) and each window to a
/// request correlation actor, which it uses again for the next.
/// </summary>
public sealed class ConnectionEntity : ReceiveActor
{
    private readonly ConnectionCorrelator _correlator;
    private readonly List<WindowMessage> _views = []; // of the window that is being told of
    private IActorRef _request = ActorRefs.Nobody;
    private readonly Props _requestProps;
    private int _closing;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public ConnectionEntity(IActorRef shard, CorrelationSettings settings, IOtherHosts? others)
    {
        _correlator = new ConnectionCorrelator(settings);
        _requestProps = RequestCorrelationActor.Props(shard, settings, others);
        Receive<ConnectionInput>(Process);
    }

    /// <param name="shard">Receives one <see cref="ConnectionDone"/> for each <see cref="ConnectionInput"/>, and what the windows close with.</param>
    /// <param name="settings">How requests are correlated.</param>
    /// <param name="others">Which requests have their other end on another host that is watched; null: none.</param>
    public static Props Props(IActorRef shard, CorrelationSettings settings, IOtherHosts? others = null) =>
        Akka.Actor.Props.Create(() => new ConnectionEntity(shard, settings, others));

    /// <summary>A correlation that cannot be made is a defect: the shard decides, not a silent restart.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    private void Process(ConnectionInput input)
    {
        _closing = 0;
        var (rejectedBefore, lateBefore) = (_correlator.Rejected, _correlator.Late);
        _correlator.Process(input.Records, input.Facts, input.WatermarkNs, input.Coverage, Emit);
        Sender.Tell(new ConnectionDone(input.Connection, _closing, _correlator.NextDeadlineNs, _correlator.IsIdle, _correlator.Rejected - rejectedBefore,
            _correlator.Late - lateBefore));
    }

    /// <summary>A window is told of when it closes, and to its end before the next: so one actor serves all, one after the other.</summary>
    private void Emit(int window, WindowMessage message)
    {
        if (message is not CloseWindow closing)
        {
            _views.Add(message);
            return;
        }

        if (_request.IsNobody())
            _request = Context.ActorOf(_requestProps);
        _request.Tell(new WindowContent([.. _views], closing));
        _views.Clear();
        _closing++;
    }
}

/// <summary>What one batch holds for one connection.</summary>
/// <param name="Records">Records that name the connection.</param>
/// <param name="Facts">What became known of its exchanges, none later than the watermark.</param>
/// <param name="WatermarkNs">Everything up to here is known: CLOCK_MONOTONIC nanoseconds.</param>
/// <param name="Coverage">What the kernel's evidence covers.</param>
public sealed record ConnectionInput(
    ConnectionKey Connection, IReadOnlyList<TimedRecord> Records, IReadOnlyList<ConnectionFact> Facts, long WatermarkNs, Coverage Coverage);

/// <summary>A connection has taken in its input.</summary>
/// <param name="Closing">So many windows close: as many <see cref="WindowClosed"/> come from their actors.</param>
/// <param name="NextDeadlineNs">When it has to be asked again at the latest; <see cref="long.MaxValue"/> if nothing is due.</param>
/// <param name="IsIdle">No window is open and no record waits.</param>
/// <param name="Rejected">Records turned away because too many waited.</param>
/// <param name="Late">Records that came later than the lateness allows.</param>
public sealed record ConnectionDone(ConnectionKey Connection, int Closing, long NextDeadlineNs, bool IsIdle, long Rejected, long Late);
