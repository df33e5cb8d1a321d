using Akka.Actor;
using CrossLayer.Actors.Hosts;

namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Correlates one request: gathers the views of its window, which has closed, has them diagnosed, and tells the shard. Then it
/// is free for the next request: making an actor costs more than correlating a request.
/// </summary>
public sealed class RequestCorrelationActor : ReceiveActor
{
    private readonly IActorRef _shard;
    private readonly CorrelationSettings _settings;
    private readonly IOtherHosts? _others;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public RequestCorrelationActor(IActorRef shard, CorrelationSettings settings, IOtherHosts? others)
    {
        (_shard, _settings, _others) = (shard, settings, others);
        Receive<WindowContent>(Correlate);
    }

    /// <param name="shard">Receives one <see cref="WindowClosed"/> for each <see cref="WindowContent"/>.</param>
    /// <param name="settings">How requests are correlated.</param>
    /// <param name="others">Which requests have their other end on another host that is watched; null: none.</param>
    public static Props Props(IActorRef shard, CorrelationSettings settings, IOtherHosts? others = null) =>
        Akka.Actor.Props.Create(() => new RequestCorrelationActor(shard, settings, others));

    private void Correlate(WindowContent content)
    {
        var (window, closing) = (RequestWindow.Empty, content.Closing);
        foreach (var view in content.Views)
            window = window.Add(view);
        if (closing.IsAttempt)
        {
            _shard.Tell(new WindowClosed(null) { Attempt = Attempt.Of(window), IsNote = true });
            return;
        }

        if (_others?.PeerOf(window) is { } peer)
        {
            _shard.Tell(new WindowClosed(null) { Half = RequestHalf.Of(window, closing, peer) });
            return;
        }

        // Nobody said that they report this connection's requests: the exchange is no discrepancy, only counted.
        var correlation = !window.IsWorthCorrelating(closing) ? null : Correlator.Correlate(window, closing, _settings);
        _shard.Tell(new WindowClosed(correlation));
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
