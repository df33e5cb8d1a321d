using Akka.Actor;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Holds one request's window: gathers its views, correlates them when the window closes, and tells the shard. Then it
/// is free for the next request: making an actor costs more than correlating a request.
/// </summary>
public sealed class RequestCorrelationActor : ReceiveActor
{
    private readonly IActorRef _shard;
    private readonly CorrelationSettings _settings;
    private readonly IOtherHosts? _others;
    private RequestWindow _window = RequestWindow.Empty;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public RequestCorrelationActor(IActorRef shard, CorrelationSettings settings, IOtherHosts? others)
    {
        (_shard, _settings, _others) = (shard, settings, others);
        Receive<CloseWindow>(Close);
        Receive<WindowMessage>(view => _window = _window.Add(view));
    }

    /// <param name="shard">Receives one <see cref="WindowClosed"/> for each <see cref="CloseWindow"/>.</param>
    /// <param name="settings">How requests are correlated.</param>
    /// <param name="others">Which requests have their other end on another host that is watched; null: none.</param>
    public static Props Props(IActorRef shard, CorrelationSettings settings, IOtherHosts? others = null) =>
        Akka.Actor.Props.Create(() => new RequestCorrelationActor(shard, settings, others));

    private void Close(CloseWindow closing)
    {
        if (closing.IsAttempt)
        {
            _shard.Tell(new WindowClosed(null) { Attempt = Attempt.Of(_window), IsNote = true });
            _window = RequestWindow.Empty;
            return;
        }

        if (_others?.PeerOf(_window) is { } peer)
        {
            _shard.Tell(new WindowClosed(null) { Half = RequestHalf.Of(_window, closing, peer) });
            _window = RequestWindow.Empty;
            return;
        }

        // Nobody said that they report this connection's requests: the exchange is no discrepancy, only counted.
        var correlation = !_window.IsWorthCorrelating(closing) ? null : Correlator.Correlate(_window, closing, _settings);
        _shard.Tell(new WindowClosed(correlation));
        _window = RequestWindow.Empty;
    }
}

/// <summary>A window closed.</summary>
/// <param name="Correlation">Its correlation; null for an exchange that no record was to be expected for.</param>
public sealed record WindowClosed(Correlation? Correlation)
{
    /// <summary>A request without an answer that nobody has reported so far.</summary>
    public Attempt? Attempt { get; init; }

    /// <summary>The request's other end is on another host: what is known here of it is to be brought together with what is known there.</summary>
    public RequestHalf? Half { get; init; }

    /// <summary>The window only noted the attempt: its exchange is still open.</summary>
    public bool IsNote { get; init; }
}
