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
/// <param name="Reported">An application reports the requests of this connection.</param>
public sealed record CloseWindow(long AtNs, Coverage Coverage, bool Reported) : WindowMessage;
