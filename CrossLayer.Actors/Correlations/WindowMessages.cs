using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>What happens to one request's window, in order.</summary>
public abstract record WindowMessage;

/// <summary>The kernel's view of the request at one socket.</summary>
public sealed record AddExchange(Exchange Exchange) : WindowMessage;

/// <summary>An application's view of the request, and how it came to be this request's.</summary>
public sealed record AddRecord(TimedRecord Record, Match Match) : WindowMessage;

/// <summary>The window is over: correlate what it holds.</summary>
/// <param name="AtNs">The event time at which it closed.</param>
/// <param name="Coverage">What the kernel's evidence as a whole covers.</param>
/// <param name="Reporters">Who reports the requests of this connection: a record that is missing is missing.</param>
public sealed record CloseWindow(long AtNs, Coverage Coverage, Roles Reporters) : WindowMessage
{
    /// <summary>The exchange was not answered, and nobody reported it so far: it may be one that a library made again.</summary>
    public bool IsAttempt { get; init; }

    /// <summary>For a record that found no exchange: what is known of why.</summary>
    public Orphan Orphan { get; init; }
}

/// <summary>All of one window, as it goes to the request's actor: one message, since each costs more than what it tells.</summary>
/// <param name="Views">What the window holds.</param>
/// <param name="Closing">How it closes.</param>
public sealed record WindowContent(IReadOnlyList<WindowMessage> Views, CloseWindow Closing);

/// <summary>Why a record stands alone.</summary>
public enum Orphan
{
    /// <summary>It does not, or nothing was seen of its connection.</summary>
    None,

    /// <summary>The kernel saw its connection, and no exchange on it that fits.</summary>
    ConnectionSeen,

    /// <summary>It came later than the lateness allows.</summary>
    Late,
}
