using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Hosts;

/// <summary>What one host knows of a request whose other end is on another host.</summary>
/// <param name="Number">Names it among those of its host's run.</param>
/// <param name="Window">The views of one end: the application's record, the kernel's exchange, or both. Times are that host's.</param>
/// <param name="Closing">How the window closed there; what of the coverage concerns it.</param>
/// <param name="PeerHost">The host that the other end's address belongs to.</param>
public sealed record RequestHalf(long Number, RequestWindow Window, CloseWindow Closing, string PeerHost)
{
    /// <summary>Makes one of a window that closed.</summary>
    internal static RequestHalf Of(RequestWindow window, CloseWindow closing, string peerHost) =>
        new(0, window, closing with { Coverage = closing.Coverage.Around(BeganNs(window), closing.AtNs) }, peerHost);

    /// <summary>How long it had waited when it was sent, in milliseconds; 0 when it is new.</summary>
    public long WaitedMs { get; init; }

    /// <summary>How long ago it began when it was sent, in milliseconds: at least so long.</summary>
    public long AgeMs => WaitedMs + (Closing.AtNs == long.MaxValue ? 0 : Math.Max(0, (Closing.AtNs - BeganNs(Window)) / 1_000_000));

    /// <summary>By how much that host's wall clock was ahead of its monotonic clock, in nanoseconds; null if that is not known.</summary>
    public long? WallAheadNs { get; init; }

    /// <summary>The end that the server is at.</summary>
    public bool IsServer => Window.ServerExchange is not null || (Window.ClientExchange is null && Window.ServerRecord is not null);

    /// <summary>What the kernel saw, if anything.</summary>
    public Exchange? Exchange => Window.ServerExchange ?? Window.ClientExchange;

    /// <summary>The request's connection.</summary>
    public ConnectionKey Connection => Exchange?.Connection ?? ConnectionKey.Of(Window.Record?.Record.Local ?? default, Window.Record?.Record.Peer ?? default);

    /// <summary>The client's endpoint and the server's.</summary>
    public (Endpoint Client, Endpoint Server) Ends
    {
        get
        {
            var (local, peer) = Exchange is { } exchange ? (exchange.Local, exchange.Peer) : (Window.Record?.Record.Local ?? default, Window.Record?.Record.Peer ?? default);
            return IsServer ? (peer, local) : (local, peer);
        }
    }

    private static long BeganNs(RequestWindow window)
    {
        var exchange = window.ClientExchange ?? window.ServerExchange;
        return Math.Min(exchange?.ConnectStartNs ?? exchange?.FirstNs ?? long.MaxValue, window.Record?.StartNs ?? long.MaxValue);
    }
}

/// <summary>Names a half among those of all hosts.</summary>
/// <param name="Host">The run of the program that sent it.</param>
/// <param name="Number"><see cref="RequestHalf.Number"/>.</param>
public readonly record struct HalfId(string Host, long Number);

/// <summary>What a host's kernel says of a connection that another host asks for.</summary>
public enum PeerView
{
    /// <summary>Something of it is still open, or not worked off: it will be told.</summary>
    Busy,

    /// <summary>It knows nothing more of it, and would.</summary>
    Nothing,

    /// <summary>Its evidence has a gap, or it did not answer.</summary>
    CutOff,
}
